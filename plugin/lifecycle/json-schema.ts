import { z } from 'zod';
import { lifecycleSchema } from './schema.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** JSON Schema (draft 2020-12) of a lifecycle file, for editors. Its rules (rules.ts) go beyond what it can say. */
export function lifecycleJsonSchema(): JsonSchema {
  return { title: 'Lifecycle', ...z.toJSONSchema(lifecycleSchema, { io: 'input' }) };
}
