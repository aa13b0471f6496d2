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

/** A copy of the value in which what stands at the paths is undefined. List items keep their indices. */
export function without(value: unknown, paths: readonly Path[]): unknown {
  if (paths.some(({ length }) => length === 0)) return undefined;
  const inside = Map.groupBy(paths, ([first]) => first);
  const next = (part: string | number, inner: unknown): unknown => {
    const rest = inside.get(part)?.map((path) => path.slice(1));
    return rest ? without(inner, rest) : inner;
  };
  if (Array.isArray(value)) return value.map((item: unknown, index) => next(index, item));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, next(key, inner)]));
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
