import type { z } from 'zod';
import type { lifecycleSchema } from './schema.ts';

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** A parsed lifecycle file: defaults filled in, shape and rules hold. */
export type Lifecycle = DeepReadonly<z.output<typeof lifecycleSchema>>;
export type LifecycleSpec = Lifecycle['spec'];
export type Repository = LifecycleSpec['backup']['repositories'][number];
export type Blue = LifecycleSpec['blue'];
export type Stage = NonNullable<LifecycleSpec['green']>['stage'];
