import { isRecord } from './kubernetes-object.ts';

/**
 * JSON Merge Patch (RFC 7386), with one addition: two lists whose items all have a `name` (containers, env, volumes,
 * instance sets …) merge by name, as Kubernetes' own patches do. Otherwise a patch that adds one variable would have to
 * repeat the whole container. Objects merge, null removes, anything else replaces.
 * Returns a new value; the inputs stay as they are.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (isNamedList(patch) && isNamedList(target)) return mergeByName(target, patch);
  if (!isRecord(patch)) return patch;
  const merged = new Map(Object.entries(isRecord(target) ? target : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

type Named = Readonly<Record<string, unknown>> & { readonly name: string };

function isNamedList(value: unknown): value is readonly Named[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  const names = value.map((each: unknown) => (isRecord(each) ? each['name'] : undefined));
  return names.every((name) => typeof name === 'string') && new Set(names).size === names.length;
}

function mergeByName(target: readonly Named[], patch: readonly Named[]): readonly unknown[] {
  const patches = new Map(patch.map((each) => [each.name, each]));
  const kept = target.map((each) => (patches.has(each.name) ? mergePatch(each, patches.get(each.name)) : each));
  const known = new Set(target.map(({ name }) => name));
  return [...kept, ...patch.filter(({ name }) => !known.has(name)).map((each) => mergePatch({}, each))];
}
