import { lifecycleJsonSchema } from '../lifecycle/json-schema.ts';
import type { Io } from './io.ts';

/** The JSON Schema of lifecycle.yaml; editors take it from docs/reference/lifecycle.schema.json as well. */
export function schema(io: Io): void {
  io.out(`${JSON.stringify(lifecycleJsonSchema(), undefined, 2)}\n`);
}
