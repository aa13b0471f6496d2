import { z } from 'zod';
import { backupSchema } from './backup-schema.ts';
import * as field from './fields.ts';

/**
 * The shape of a lifecycle file (design: shape apart from rules). Relations between fields stand in rules.ts.
 * The JSON Schema for editors and the CRD's schema are generated from here, descriptions included.
 */
export const API_GROUP = 'lifecycle.bestie.com';
export const API_VERSION = `${API_GROUP}/v1alpha1`;

const STAGES = ['Prepare', 'Switch', 'Retire', 'Rollback'] as const;

const application = z.strictObject({
  kind: z
    .enum(['Bestie', 'Deployment'])
    .describe('Deployment needs no operator; Bestie also renders a Bestie object and the names its operator expects.'),
  image: field.image.describe("The image without a tag: the tag is the instance's version."),
  port: field.port.default(8000).describe('The port on which the application listens.'),
  replicas: z.int().min(1).max(1000).default(1).describe('Pods of the instance that serves.'),
  maxReplicas: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe('The most pods that an autoscaler may ask for; default the same as replicas.'),
  readinessPath: field.httpPath.default('/foster').describe('The path of the readiness probe.'),
  migrations: z
    .strictObject({
      command: z
        .array(z.string().min(1).max(4096))
        .min(1)
        .max(64)
        .describe("The command in the application's image, without a shell, run once for each version."),
      podTemplate: field.mergePatch
        .optional()
        .describe("A merge patch on the migration's pod, which is the application's with another command."),
    })
    .optional()
    .describe('How the database is brought to the schema of a version; absent when there is nothing to migrate.'),
  smokeTest: z
    .strictObject({
      path: field.httpPath.default('/').describe('The path that is asked for.'),
      expectStatus: z.int().min(100).max(599).default(200).describe('The HTTP status that passes.'),
    })
    .prefault({})
    .describe('The request that a new version has to answer before traffic reaches it.'),
  podTemplate: field.mergePatch
    .default({})
    .describe('A merge patch on the pod template: env, envFrom, resources, imagePullSecrets, affinity and the like.'),
  preview: z
    .strictObject({
      env: z
        .array(
          z.strictObject({
            name: field.envName.describe('The name of the variable.'),
            value: z.string().max(32768).describe('Its value; never a secret.'),
          }),
        )
        .max(128)
        .default([])
        .describe('Environment variables of the rehearsal only.'),
    })
    .prefault({})
    .describe('What differs in the rehearsal: workers off, no mails.'),
});

const database = z.strictObject({
  provider: z.enum(['crunchy']).default('crunchy').describe('The operator that runs the database.'),
  postgresVersion: field.postgresVersion.describe('The major version of PostgreSQL.'),
  replicas: z.int().min(1).max(32).default(1).describe('PostgreSQL instances, the primary included.'),
  storage: field.quantity.describe('The size of each data volume, such as 10Gi.'),
  user: field.roleName.describe("The application's role."),
  databases: z
    .array(field.roleName)
    .min(1)
    .max(32)
    .optional()
    .describe("The role's databases; default one of the role's name."),
  parameters: z
    .record(field.parameterName, z.union([z.string(), z.number(), z.boolean()]))
    .default({})
    .describe('PostgreSQL parameters, except those that the plan relies on.'),
  spec: field.mergePatch
    .default({})
    .describe("A merge patch on the PostgresCluster's spec, except the fields that the plan owns."),
});

const traffic = z.strictObject({
  service: field.dnsLabel.describe('The Service that clients use; its selector is what a switch changes.'),
  port: field.port.default(80).describe("The Service's port."),
});

const names = z.strictObject({
  database: field.dnsLabel.optional().describe('The PostgresCluster; default <name>-pgo.'),
  application: field.dnsLabel.optional().describe('The Deployment; default <name>-app.'),
  service: field.dnsLabel.optional().describe('The internal Service; default <name>-service.'),
});

const repositoryPaths = z.strictObject({
  repo1: field.repositoryPath.optional().describe('The path of repo1.'),
  repo2: field.repositoryPath.optional().describe('The path of repo2.'),
  repo3: field.repositoryPath.optional().describe('The path of repo3.'),
  repo4: field.repositoryPath.optional().describe('The path of repo4.'),
});

const instance = z.strictObject({
  name: field.dnsLabel.describe('The name of the instance, from which the names of its objects follow.'),
  version: field.version.describe('The version of the application: the tag of its image.'),
  names: names
    .optional()
    .describe('Names of objects that exist already, so that they can be adopted; kind Deployment only.'),
  repositoryPaths: repositoryPaths
    .optional()
    .describe(
      'Where in each repository its backups are; written once, by lifecycle next, and never changed. A second attempt of a green adds -2 to it, and so on. Default for cloud repositories <path>/<name>/<attempt>/<repository>.',
    ),
});

const green = instance.extend({
  strategy: z
    .enum(['Clone', 'Replicate'])
    .default('Clone')
    .describe('How green gets its data: Clone restores a backup of blue up to the fence.'),
  stage: z
    .enum(STAGES)
    .describe('How far to go: Prepare rehearses, Switch moves the traffic, Retire removes blue, Rollback goes back.'),
  windowBudget: field.duration
    .default('10m')
    .describe('The longest time without writes before green takes over; a window that would last longer is undone.'),
  attempt: z.int().min(1).max(9999).default(1).describe('Raise it to try again after an abort.'),
  verify: field.verification
    .default('Physical')
    .describe(
      'What green is compared with blue by, inside the window: Physical by system, restore point, catalogs, sequences, roles and the ends of files, which costs more with every table but not with its rows; Full by every row besides, which reads both whole.',
    ),
  acceptLostSlots: z
    .literal(true)
    .optional()
    .describe('Logical replication slots of blue may be left behind: their consumers start anew on green.'),
  acceptBackgroundWorkers: z
    .literal(true)
    .optional()
    .describe('Background workers of extensions, such as pg_cron, may run on green before it is committed.'),
  acceptDataLoss: z
    .boolean()
    .optional()
    .describe('Stage Rollback only: what was written since the switch may be lost.'),
});

/** Exactly one of the fields. */
export const restoreTarget = z.strictObject({
  time: z.iso
    .datetime({ offset: true, error: 'a time such as 2026-11-22T10:00:00Z' })
    .max(64)
    .optional()
    .describe('The moment to go back to.'),
  backup: field.backupLabel.optional().describe('The label of the backup to go back to.'),
  latest: z.literal(true).optional().describe('The newest state that the archive holds.'),
  undo: field.dnsLabel.optional().describe('The id of an earlier restore in place: back to what was before it.'),
});

const restore = z.strictObject({
  id: field.dnsLabel.describe('The id of this request; never used again for another one.'),
  mode: z
    .enum(['InPlace', 'Clone'])
    .describe('InPlace restores over the database; Clone into a new instance beside the one that serves.'),
  repository: field.repositoryName.describe('The repository to restore from.'),
  target: restoreTarget.describe('Where to restore to: exactly one of the fields.'),
  applicationVersion: field.version
    .optional()
    .describe("The version of the application that fits the restored data; default blue's."),
  repositoryPaths: repositoryPaths
    .optional()
    .describe(
      'Mode Clone only: where in each repository its backups are to be. Default for cloud repositories <path>/<Lifecycle>/<name>/<id>/<repository>; a trial of the same file in another namespace needs other ones.',
    ),
  attempt: z.int().min(1).max(9999).default(1).describe('Raise it to go on after a failure; the id stays.'),
  name: field.dnsLabel.optional().describe('Mode Clone only: the name of the new instance.'),
  stage: z
    .enum(['Prepare', 'Switch'])
    .optional()
    .describe(
      'Mode Clone only: Prepare brings the instance up beside the one that serves, Switch moves the traffic to it.',
    ),
  windowBudget: field.duration
    .optional()
    .describe('Mode Clone only: the longest time without writes before the new instance takes over; default 2m.'),
  sourceLost: z
    .literal(true)
    .optional()
    .describe("Mode Clone, stage Switch, from a cloud repository: blue's database is gone, and is not rendered."),
  acceptLostSlots: z.literal(true).optional().describe('Mode Clone only: as in green.'),
  acceptBackgroundWorkers: z.literal(true).optional().describe('Mode Clone only: as in green.'),
});

export const specSchema = z.strictObject({
  application: application.describe('The application that stands before the database.'),
  database: database.describe('The database of an instance.'),
  traffic: traffic.describe('Where clients come in.'),
  backup: backupSchema.describe('The backup policy.'),
  blue: instance.describe('The instance that serves now.'),
  green: green.optional().describe('The instance that is to serve; absent at rest.'),
  closed: z
    .array(instance)
    .max(16)
    .optional()
    .describe('Instances that served, and whose databases are kept closed until they are retired; written by next.'),
  restore: restore.optional().describe('A restore request; absent at rest, and never together with green.'),
});

export const lifecycleSchema = z
  .strictObject({
    apiVersion: z.literal(API_VERSION).describe('The version of this format.'),
    kind: z.literal('Lifecycle').describe('Always Lifecycle.'),
    metadata: z
      .strictObject({
        name: field.dnsLabel.describe('The name of the Lifecycle object.'),
        labels: z.record(field.metadataKey, field.labelValue).optional().describe('Labels of the Lifecycle object.'),
        annotations: z
          .record(field.metadataKey, z.string().max(65536))
          .optional()
          .describe('Annotations of the Lifecycle object.'),
      })
      .describe('Name, labels and annotations; the namespace is where Argo CD deploys to.'),
    spec: specSchema.describe('How the application lives.'),
  })
  .describe('How a stateful application lives: its backups, its restores, its blue/green upgrades.');
