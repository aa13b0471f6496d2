import { z } from 'zod';
import type { PostgresClusterView } from '../steps/ports/ports.ts';

const raw = z.record(z.string(), z.unknown());
const texts = z.record(z.string(), z.string());

const objectSchema = z.object({
  metadata: z.object({
    name: z.string(),
    uid: z.string(),
    generation: z.int(),
    creationTimestamp: z.coerce.date(),
    deletionTimestamp: z.string().optional(),
    annotations: texts.default({}),
    labels: texts.default({}),
  }),
  spec: raw,
  status: raw.default({}),
});

export function postgresClusterView(object: unknown): PostgresClusterView {
  const { metadata, spec, status } = objectSchema.parse(object);
  const { name, uid, generation, annotations, labels } = metadata;
  const { creationTimestamp: createdAt, deletionTimestamp } = metadata;
  return {
    name,
    uid,
    generation,
    createdAt,
    annotations,
    labels,
    deleting: deletionTimestamp !== undefined,
    spec,
    status,
  };
}
