import { z } from 'zod';
import type { PostgresClusterView } from '../ports/ports.ts';

/**
 * The parts of a PostgresCluster that the operator's contract is read from (PGO v5.7 to v6.0, API v1beta1). Counters
 * that are 0 are absent in its status.
 */
const count = z.int().default(0);
const time = z.coerce.date().optional();
const jobStatus = z.object({
  id: z.string().default(''),
  finished: z.boolean().default(false),
  active: count,
  succeeded: count,
  failed: count,
  startTime: time,
  completionTime: time,
});

const specSchema = z.object({
  instances: z.array(z.object({ name: z.string().optional(), replicas: z.int().default(1) })).default([]),
  standby: z.object({ enabled: z.boolean().default(true) }).optional(),
  backups: z
    .object({
      pgbackrest: z
        .object({
          manual: z.object({ repoName: z.string() }).optional(),
          global: z.record(z.string(), z.string()).optional(),
          repos: z
            .array(
              z.object({
                name: z.string(),
                volume: z.unknown().optional(),
                s3: z.object({ bucket: z.string() }).optional(),
                gcs: z.object({ bucket: z.string() }).optional(),
                azure: z.object({ container: z.string() }).optional(),
              }),
            )
            .default([]),
        })
        .optional(),
    })
    .optional(),
});

const statusSchema = z.object({
  observedGeneration: count,
  conditions: z.array(z.object({ type: z.string(), status: z.string(), message: z.string().default('') })).default([]),
  instances: z
    .array(z.object({ name: z.string(), replicas: count, readyReplicas: count, updatedReplicas: count }))
    .default([]),
  patroni: z.object({ systemIdentifier: z.string().default('') }).prefault({}),
  pgbackrest: z
    .object({
      manualBackup: jobStatus.optional(),
      restore: jobStatus.optional(),
      repos: z.array(z.object({ name: z.string(), stanzaCreated: z.boolean().default(false) })).default([]),
    })
    .prefault({}),
});

export type OperatorSpec = z.output<typeof specSchema>;
export type OperatorStatus = z.output<typeof statusSchema>;

export const operatorSpec = ({ spec }: PostgresClusterView): OperatorSpec => specSchema.parse(spec);
export const operatorStatus = ({ status }: PostgresClusterView): OperatorStatus => statusSchema.parse(status);

/** @returns `True`, `False`, `Unknown`, or undefined when there is no such condition. */
export function condition({ conditions }: OperatorStatus, type: string): string | undefined {
  return conditions.find((each) => each.type === type)?.status;
}

/** The operator's message of a condition that is not True. */
export function complaint({ conditions }: OperatorStatus, type: string): string | undefined {
  const held = conditions.find((each) => each.type === type);
  return held?.status === 'True' ? undefined : (held?.message ?? `${type} is not known yet`);
}
