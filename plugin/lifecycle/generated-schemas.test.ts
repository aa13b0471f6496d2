import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { lifecycleCrd } from './crd.ts';
import { isRecord } from './draft.ts';
import { lifecycleJsonSchema } from './json-schema.ts';

const root = new URL('../../', import.meta.url);
const file = (path: string): unknown => parse(readFileSync(new URL(path, root), 'utf8'));

test('docs/reference/lifecycle.schema.json is what the schema says (scripts/generate-schemas.ts writes it)', () => {
  expect(file('docs/reference/lifecycle.schema.json')).toEqual(plain(lifecycleJsonSchema()));
});

test('argocd/base/crd.yaml is what the schemas say (scripts/generate-schemas.ts writes it)', () => {
  expect(file('argocd/base/crd.yaml')).toEqual(plain(lifecycleCrd()));
});

const plain = (value: unknown): unknown => parse(JSON.stringify(value)) as unknown;

/** Every schema of the CRD, with where it stands. */
function schemas(value: unknown, at = ''): readonly (readonly [string, Readonly<Record<string, unknown>>])[] {
  if (!isRecord(value)) return [];
  const inner = [
    ...Object.entries(isRecord(value['properties']) ? value['properties'] : {}),
    ...(['items', 'additionalProperties'] as const).map((key) => [key, value[key]] as const),
  ];
  return [[at, value], ...inner.flatMap(([name, schema]) => schemas(schema, `${at}/${name}`))];
}

describe('the CRD', () => {
  const crd = lifecycleCrd();
  const [version] = (
    crd['spec'] as { readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: unknown } }[] }
  ).versions;
  const all = schemas(version?.schema.openAPIV3Schema);

  test('is structural: each value has a type or is left free, and no keyword that an API server refuses', () => {
    expect(all.length).toBeGreaterThan(100);
    for (const [at, schema] of all) {
      const typed = typeof schema['type'] === 'string' || schema['x-kubernetes-preserve-unknown-fields'] === true;
      expect([at, typed]).toEqual([at, true]);
      for (const keyword of ['$ref', 'anyOf', 'oneOf', 'allOf', 'const', 'propertyNames', '$schema'])
        expect([at, Object.keys(schema)]).toEqual([at, expect.not.arrayContaining([keyword])]);
      expect(schema).not.toEqual(
        expect.objectContaining({ properties: expect.anything(), additionalProperties: expect.anything() }),
      );
    }
  });

  test('describes every field of the file', () => {
    const described = all.filter(([at]) => at.startsWith('/spec/') && !/\/(items|additionalProperties)$/.test(at));
    expect(described.length).toBeGreaterThan(50);
    expect(described.filter(([, { description }]) => description === undefined).map(([at]) => at)).toEqual([]);
  });

  test('leaves merge patches and parameters as they are', () => {
    const free = all.filter(([, schema]) => schema['x-kubernetes-preserve-unknown-fields'] === true);
    expect(free.map(([at]) => at).filter((at) => at.startsWith('/spec/'))).toEqual([
      '/spec/application/migrations/podTemplate',
      '/spec/application/podTemplate',
      '/spec/database/parameters/additionalProperties',
      '/spec/database/spec',
    ]);
  });
});
