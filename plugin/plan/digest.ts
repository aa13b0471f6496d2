import { hash } from 'node:crypto';

/** JSON with object keys in order: equal values have equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonicalJson(each)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

/** @returns the first `length` hexadecimal characters of the SHA-256 over the value's canonical JSON. */
export function digestOf(value: unknown, length = 12): string {
  return hash('sha256', canonicalJson(value)).slice(0, length);
}
