import { canonicalJson } from '../plan/digest.ts';
import { formatPath, type Path } from '../lifecycle/finding.ts';

/** A field with another value; `undefined` where it has none. Values are JSON, cut to what fits a table. */
export interface FieldChange {
  /** `spec.green.stage`, `spec.backup.repositories[repo1].retention.full`. */
  readonly field: string;
  readonly before?: string;
  readonly after?: string;
}

const LONGEST = 160;

/** What a list's items are told apart by, so that one more in front is no change of all others. */
const KEYS = ['name', 'id'] as const;

/**
 * The fields of two lifecycles that differ, in the order of the newer one, what is gone at its end. Defaults are filled in already: to write one
 * out is no change.
 */
export function fieldChanges(before: unknown, after: unknown): readonly FieldChange[] {
  return changes(before, after, []);
}

function changes(before: unknown, after: unknown, path: Path): readonly FieldChange[] {
  const [old, now] = [fieldsOf(before), fieldsOf(after)];
  // A mapping in the place of a value, or the other way round: the value goes, and each field comes.
  const [value, next] = [old ? undefined : valueOf(before), now ? undefined : valueOf(after)];
  const names = [...new Set([...(now?.keys() ?? []), ...(old?.keys() ?? [])])];
  return [
    ...(value === next ? [] : [leaf(value, next, path)]),
    ...names.flatMap((name) => changes(old?.get(name), now?.get(name), [...path, name])),
  ];
}

/** An empty mapping or list says nothing. */
function valueOf(value: unknown): string | undefined {
  if (value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0))
    return undefined;
  return typeof value === 'string' ? value : canonicalJson(value);
}

/** @returns undefined for what is shown whole: a value, an empty mapping, a list whose items have no names. */
function fieldsOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const entries = Array.isArray(value)
    ? namedItems(value)
    : Object.entries(value).filter(([, each]) => each !== undefined);
  return entries === undefined || entries.length === 0 ? undefined : new Map(entries);
}

function namedItems(items: readonly unknown[]): readonly [string, unknown][] | undefined {
  for (const key of KEYS) {
    const names = items.map((item) =>
      typeof item === 'object' && item !== null ? (item as Record<string, unknown>)[key] : undefined,
    );
    if (names.every((name) => typeof name === 'string') && new Set(names).size === names.length)
      return items.map((item, index): [string, unknown] => [`[${names[index] ?? ''}]`, item]);
  }
  return undefined;
}

function leaf(before: string | undefined, after: string | undefined, path: Path): FieldChange {
  return {
    field: fieldText(path),
    ...(before !== undefined && { before: cut(before) }),
    ...(after !== undefined && { after: cut(after) }),
  };
}

/** An item of a list stands in brackets by its name. */
const fieldText = (path: Path): string => formatPath(path).replaceAll(/\["\[([A-Za-z0-9_.-]+)\]"\]/g, '[$1]');

function cut(text: string): string {
  const characters = Array.from(text);
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST).join('')}…` : text;
}
