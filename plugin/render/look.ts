import { canonicalJson } from '../plan/digest.ts';
import { isRecord } from './kubernetes-object.ts';

/** Looks into objects of which nothing is known: templates and patches may have put anything anywhere. */
export type Fields = Readonly<Record<string, unknown>>;

export const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, field) => (isRecord(inner) ? inner[field] : undefined), value);

export const same = (a: unknown, b: unknown): boolean => canonicalJson(a ?? null) === canonicalJson(b ?? null);

export const record = (value: unknown): Fields => (isRecord(value) ? value : {});

export const list = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.filter(isRecord) : []);

/** Of a Deployment or a Job. */
export const podSpec = (object: unknown): unknown => at(object, 'spec', 'template', 'spec');
