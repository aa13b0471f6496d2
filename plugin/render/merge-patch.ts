type Json = unknown;

const isObject = (value: Json): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * JSON Merge Patch (RFC 7386): objects merge, null removes, anything else replaces — arrays too, as a whole.
 * Returns a new value; the inputs stay as they are.
 */
export function mergePatch(target: Json, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const result: Record<string, Json> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, key);
    else Object.defineProperty(result, key, { value: mergePatch(result[key], value), ...OWN });
  }
  return result;
}

/** Defined, not assigned: a key `__proto__` becomes data, not a prototype. */
const OWN = { enumerable: true, configurable: true, writable: true } as const;
