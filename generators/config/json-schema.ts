import { z } from 'zod';
import { configSchema } from './schema.ts';

/** JSON Schema (draft 2020-12) of the configuration, for editors; its rules (rules.ts) go beyond what it can say. */
export const generatorJsonSchema = (): Readonly<Record<string, unknown>> => ({
  title: 'GeneratorConfiguration',
  ...z.toJSONSchema(configSchema, { io: 'input' }),
});
