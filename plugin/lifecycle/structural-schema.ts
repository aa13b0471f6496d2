import { isRecord } from './draft.ts';
import type { JsonSchema } from './json-schema.ts';

/** JSON Schema keywords that a CRD's structural schema does not have, or that mean nothing there. */
const DROPPED = new Set(['$schema', 'propertyNames', 'additionalProperties', 'const', 'anyOf', 'title']);
/** What zod writes for a whole number without bounds: the largest that JavaScript reads exactly. */
const SAFE = [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
const INT32 = 2 ** 31 - 1;

/**
 * JSON Schema → the structural schema of an apiextensions.k8s.io/v1 CRD: one type for each value, no $ref, unknown
 * fields left to the API server, free-form values marked as such.
 */
export function structural(schema: JsonSchema): JsonSchema {
  const { type, additionalProperties, anyOf } = schema;
  if (Array.isArray(anyOf)) return nullable(anyOf.filter(isRecord), schema);
  if (type === undefined || Array.isArray(type)) return { ...described(schema), ...ANYTHING };
  if (isRecord(additionalProperties) && Object.keys(additionalProperties).length === 0)
    return { ...described(schema), type, ...defaulted(schema), ...ANYTHING };
  const kept = Object.entries(schema).filter(([key, value]) => !DROPPED.has(key) && !isImplied(key, value, schema));
  return {
    ...Object.fromEntries(kept.map(([key, value]) => [key, child(key, value)])),
    ...(isRecord(additionalProperties) ? { additionalProperties: structural(additionalProperties) } : {}),
    ...('const' in schema ? { enum: [schema['const']] } : {}),
    ...(type === 'integer' ? { format: isSmall(schema) ? 'int32' : 'int64' } : {}),
  };
}

const ANYTHING = { 'x-kubernetes-preserve-unknown-fields': true } as const;

function child(key: string, value: unknown): unknown {
  if (key === 'properties' && isRecord(value))
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, isRecord(inner) ? structural(inner) : inner]),
    );
  return key === 'items' && isRecord(value) ? structural(value) : value;
}

/** A value or null. */
function nullable(alternatives: readonly JsonSchema[], schema: JsonSchema): JsonSchema {
  const [value, ...others] = alternatives.filter(({ type }) => type !== 'null');
  if (value === undefined || others.length > 0) return { ...described(schema), ...ANYTHING };
  return { ...described(schema), ...structural(value), nullable: true };
}

function described({ description }: JsonSchema): JsonSchema {
  return description === undefined ? {} : { description };
}

function defaulted(schema: JsonSchema): JsonSchema {
  return 'default' in schema ? { default: schema['default'] } : {};
}

/** The API server knows the format of a time itself. */
function isImplied(key: string, value: unknown, { format }: JsonSchema): boolean {
  if (key === 'pattern') return format === 'date-time';
  return (key === 'minimum' || key === 'maximum') && SAFE.includes(value as number);
}

function isSmall({ maximum }: JsonSchema): boolean {
  return typeof maximum === 'number' && maximum <= INT32;
}
