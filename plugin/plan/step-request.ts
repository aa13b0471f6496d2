import { z } from 'zod';
import { clusterName } from '../approval/claims.ts';
import { publicKeySchema } from '../approval/key-schema.ts';
import { postgresVersion, verification } from '../lifecycle/fields.ts';
import { restoreTarget } from '../lifecycle/schema.ts';
import { instance } from '../lifecycle/status.ts';
import { PLAN_KINDS } from './steps.ts';

/** How a step's container gets its request. */
export const REQUEST_VARIABLE = 'LIFECYCLE_REQUEST';

/**
 * What `generate` hands to a step's container, as JSON in the environment variable `LIFECYCLE_REQUEST`: everything
 * that a step must know of the plan, nothing secret, no namespace (the step's pod knows its own from `POD_NAMESPACE`).
 *
 * Secrets are mounted as files, one folder each, keys as the operator writes them (host, port, user, password, dbname):
 *   /etc/lifecycle/<instance>/superuser/…   Secret <cluster>-pguser-postgres   (keeper, verify, commit, abort, preflight)
 *   /etc/lifecycle/<instance>/user/…        Secret <cluster>-pguser-<user>
 *   /etc/lifecycle/<instance>/ca/ca.crt     Secret <cluster>-cluster-cert, only that key
 */
export const stepRequestSchema = z.object({
  lifecycle: z.string(),
  plan: z.enum(PLAN_KINDS),
  digest: z.string(),
  attempt: z.int(),
  blue: instance,
  /** Switch: green. Prepare: the rehearsal's instance (name holds the digest). A restore beside: what it brings. */
  green: instance.optional(),
  database: z.object({ user: z.string(), databases: z.array(z.string()), postgresVersion }),
  /** What the file says may be lost or go on; absent where it says nothing. */
  accepted: z.object({ lostSlots: z.boolean().optional(), backgroundWorkers: z.boolean().optional() }).optional(),
  traffic: z.object({ service: z.string(), port: z.int() }),
  application: z.object({
    port: z.int(),
    replicas: z.int(),
    /** Set where an autoscaler may scale between replicas and this. */
    maxReplicas: z.int().optional(),
    readinessPath: z.string(),
    smoke: z.object({ path: z.string(), expectStatus: z.int() }),
  }),
  /** Whether the plan has a migrate step. */
  migrations: z.boolean().optional(),
  /** The backup that this plan's backup step asks for. */
  backup: z.object({ id: z.string(), repository: z.string(), type: z.string() }).optional(),
  /** `lifecycle-<digest>`; names the restore point in blue's WAL. */
  restorePoint: z.string(),
  /** Only of a restore; its target has exactly one field. */
  restore: z.object({ id: z.string(), repository: z.string(), target: restoreTarget }).optional(),
  /** Only for the steps that let a restore, or the switch to one, begin: whoever runs the plugin wants none, or the signed token, with the key and the cluster to check it by. */
  approval: z
    .union([z.literal('not needed'), z.object({ token: z.string(), key: publicKeySchema, cluster: clusterName })])
    .optional(),
  /** Only for the step that makes a PostgresCluster: the object, without its source. */
  creates: z.looseObject({ metadata: z.looseObject({ name: z.string() }), spec: z.looseObject({}) }).optional(),
  /** Only of a restore in place: the digest of the plan at rest that goes on with the same version. */
  atRest: z.string().optional(),
  /** How green is compared with blue. */
  verify: verification.optional(),
  windowBudgetSeconds: z.int(),
});

export type StepRequest = z.output<typeof stepRequestSchema>;
export type PlanApproval = NonNullable<StepRequest['approval']>;
export type CreatedObject = NonNullable<StepRequest['creates']>;
export type StepInstance = z.output<typeof instance>;
