import type { Lifecycle } from './model.ts';
import type { Path } from './finding.ts';

type Partially<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? readonly (Partially<Item> | undefined)[]
    : unknown extends T
      ? T
      : { readonly [Key in keyof T]?: Partially<T[Key]> | undefined };

/**
 * A lifecycle of which parts may be missing: what is left of a file after every value of the wrong shape was taken out.
 * The rules read it, so that one reading of a file reports both its wrong shapes and its broken rules.
 */
export type Draft = Partially<Lifecycle>;

/** A copy of the value in which what stands at the path is undefined. List items keep their indices. */
export function without(value: unknown, [first, ...rest]: Path): unknown {
  if (first === undefined || typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return value.map((item: unknown, index) => (index === first ? without(item, rest) : item));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]: [string, unknown]) => [key, key === first ? without(inner, rest) : inner]),
  );
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
