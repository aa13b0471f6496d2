import { z } from 'zod';

/**
 * The shape of a lifecycle file (design: shape apart from rules). Relations between fields stand in rules.ts.
 * The JSON Schema for editors and the CRD's schema are generated from here.
 */
export const API_VERSION = 'lifecycle.bestie.com/v1alpha1';

const dnsLabel = z
  .string()
  .max(63)
  .regex(/^[a-z]([-a-z0-9]*[a-z0-9])?$/, 'a DNS label: lower-case letters, digits and "-", starting with a letter');
const quantity = z
  .string()
  .regex(/^[0-9]+(\.[0-9]+)?(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)?$/, 'a Kubernetes quantity such as 10Gi');
const duration = z.string().regex(/^[1-9][0-9]*(s|m|h)$/, 'a duration such as 90s, 10m or 1h');
const version = z
  .string()
  .max(128)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, 'an image tag; quote it, or YAML reads 1.10 as the number 1.1');
const image = z
  .string()
  .max(255)
  .regex(/^[a-z0-9]+([._:/-]+[a-z0-9]+)*$/, 'an image name without tag or digest');
const port = z.int().min(1).max(65535);
const httpPath = z.string().regex(/^\/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*$/, 'a path that starts with "/"');
const cron = z.string().min(6).max(128);
const repositoryName = z.enum(['repo1', 'repo2', 'repo3', 'repo4']);
const backupType = z.enum(['full', 'differential', 'incremental']);
const mergePatch = z.record(z.string(), z.json());
const bucketName = z.string().regex(/^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/, 'a bucket name');
const roleName = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'lower-case letters, digits and "-"');

const application = z.strictObject({
  kind: z.enum(['Bestie', 'Deployment']),
  image,
  port: port.default(8000),
  replicas: z.int().min(1).max(1000).default(1),
  maxReplicas: z.int().min(1).max(1000).optional(),
  readinessPath: httpPath.default('/foster'),
  migrations: z.strictObject({ command: z.array(z.string().min(1).max(4096)).min(1).max(64) }).optional(),
  smokeTest: z
    .strictObject({ path: httpPath.default('/'), expectStatus: z.int().min(100).max(599).default(200) })
    .prefault({}),
  podTemplate: mergePatch.default({}),
  preview: z
    .strictObject({ env: z.array(z.strictObject({ name: z.string().min(1), value: z.string() })).default([]) })
    .prefault({}),
});

const database = z.strictObject({
  provider: z.enum(['crunchy']).default('crunchy'),
  postgresVersion: z.int().min(11).max(18),
  replicas: z.int().min(1).max(32).default(1),
  storage: quantity,
  user: roleName,
  /** Databases of the user; default one of the user's name. */
  databases: z.array(roleName).min(1).max(32).optional(),
  parameters: z
    .record(z.string().regex(/^[a-z_][a-z0-9_.]*$/), z.union([z.string(), z.number(), z.boolean()]))
    .default({}),
  spec: mergePatch.default({}),
});

const repository = z.strictObject({
  name: repositoryName,
  volume: z.strictObject({ storage: quantity, storageClassName: dnsLabel.optional() }).optional(),
  s3: z
    .strictObject({ bucket: bucketName, endpoint: z.string().min(1).max(253), region: z.string().min(1).max(64) })
    .optional(),
  gcs: z.strictObject({ bucket: bucketName }).optional(),
  azure: z.strictObject({ container: bucketName }).optional(),
  /** Cloud repositories only; the plugin adds instance and attempt below it (I8). */
  path: z
    .string()
    .regex(/^(\/[A-Za-z0-9._-]+)+$/)
    .optional(),
  /** Name of the Secret with the cloud credentials. */
  credentials: dnsLabel.optional(),
  encryption: z.strictObject({ cipher: z.enum(['aes-256-cbc']), secret: dnsLabel }).optional(),
  schedules: z
    .strictObject({ full: cron.optional(), differential: cron.optional(), incremental: cron.optional() })
    .optional(),
  retention: z
    .strictObject({
      full: z.int().min(1).max(9999999),
      fullType: z.enum(['count', 'time']).default('count'),
      differential: z.int().min(1).max(9999999).optional(),
    })
    .optional(),
});

const backup = z.strictObject({
  repositories: z.array(repository).min(1).max(4),
  onDemand: z.strictObject({ id: dnsLabel, repository: repositoryName, type: backupType.default('full') }).optional(),
});

/** Names of objects that exist already, so that they can be adopted as an instance. */
const names = z.strictObject({
  database: dnsLabel.optional(),
  application: dnsLabel.optional(),
  service: dnsLabel.optional(),
});

const instance = z.strictObject({ name: dnsLabel, version, names: names.optional() });

const green = instance.extend({
  strategy: z.enum(['Clone', 'Replicate']).default('Clone'),
  stage: z.enum(['Prepare', 'Switch', 'Retire', 'Rollback']),
  windowBudget: duration.default('10m'),
  attempt: z.int().min(1).max(9999).default(1),
  acceptDataLoss: z.boolean().optional(),
});

const restore = z.strictObject({
  id: dnsLabel,
  mode: z.enum(['InPlace', 'Clone']),
  repository: repositoryName,
  target: z.strictObject({
    time: z.iso.datetime({ offset: true }).optional(),
    backup: z
      .string()
      .regex(/^[0-9]{8}-[0-9]{6}[FDI](_[0-9]{8}-[0-9]{6}[DI])?$/)
      .optional(),
    latest: z.literal(true).optional(),
  }),
  applicationVersion: version.optional(),
  name: dnsLabel.optional(),
  stage: z.enum(['Prepare', 'Switch', 'Retire', 'Rollback']).optional(),
});

export const specSchema = z.strictObject({
  application,
  database,
  traffic: z.strictObject({ service: dnsLabel, port: port.default(80) }),
  backup,
  blue: instance,
  green: green.optional(),
  restore: restore.optional(),
});

export const lifecycleSchema = z.strictObject({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('Lifecycle'),
  metadata: z.strictObject({
    name: dnsLabel,
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
  spec: specSchema,
});
