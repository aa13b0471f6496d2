import { z } from 'zod';
import { isRecord } from './draft.ts';
import type { JsonSchema } from './json-schema.ts';
import { API_GROUP, API_VERSION, specSchema } from './schema.ts';
import { statusSchema } from './status.ts';
import { structural } from './structural-schema.ts';

const PLURAL = 'lifecycles';
const VERSION = API_VERSION.slice(API_GROUP.length + 1);

interface Validation {
  readonly at: readonly string[];
  readonly rule: string;
  readonly message: string;
}

const REPOSITORY = ['properties', 'backup', 'properties', 'repositories', 'items'] as const;

/** Rules of the file that must hold for whoever writes the object, in CEL. */
const VALIDATIONS: readonly Validation[] = [
  {
    at: [],
    rule: '!has(self.green) || self.green.name != self.blue.name',
    message: 'green and blue are the same instance',
  },
  { at: [], rule: '!(has(self.green) && has(self.restore))', message: 'green and restore stand beside each other' },
  {
    at: ['properties', 'application'],
    rule: '!has(self.maxReplicas) || self.replicas <= self.maxReplicas',
    message: 'replicas is greater than maxReplicas',
  },
  {
    at: REPOSITORY,
    rule: '[has(self.volume), has(self.s3), has(self.gcs), has(self.azure)].filter(backend, backend).size() == 1',
    message: 'a repository has exactly one of volume, s3, gcs, azure',
  },
  {
    at: [...REPOSITORY, 'properties', 's3', 'properties', 'ca'],
    rule: 'has(self.secret) != has(self.configMap)',
    message: 'a CA is in exactly one Secret or ConfigMap',
  },
  {
    at: ['properties', 'restore', 'properties', 'target'],
    rule: '[has(self.time), has(self.backup), has(self.latest), has(self.undo)].filter(target, target).size() == 1',
    message: 'a restore has exactly one target',
  },
];

const COLUMNS = [
  { name: 'Serving', type: 'string', jsonPath: '.status.serving.instance' },
  { name: 'Target', type: 'string', jsonPath: '.spec.green.name' },
  { name: 'Stage', type: 'string', jsonPath: '.spec.green.stage' },
  { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
  { name: 'Window', type: 'string', jsonPath: '.status.window' },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  // Last, because it is long: what goes on, or why an attempt was aborted.
  { name: 'Message', type: 'string', jsonPath: '.status.message' },
];

/** The CustomResourceDefinition of Lifecycle, from the schemas of file and ledger. */
export function lifecycleCrd(): JsonSchema {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${PLURAL}.${API_GROUP}` },
    spec: {
      group: API_GROUP,
      scope: 'Namespaced',
      names: {
        kind: 'Lifecycle',
        listKind: 'LifecycleList',
        plural: PLURAL,
        singular: 'lifecycle',
        shortNames: ['lc'],
      },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: COLUMNS,
          schema: { openAPIV3Schema: objectSchema() },
        },
      ],
    },
  };
}

function objectSchema(): JsonSchema {
  const spec = structural(z.toJSONSchema(specSchema, { io: 'input' }));
  return {
    type: 'object',
    description: 'How a stateful application lives: its backups, its restores, its blue/green upgrades.',
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: VALIDATIONS.reduce(validated, spec),
      status: structural(z.toJSONSchema(statusSchema, { io: 'input' })),
    },
  };
}

const VALIDATION = 'x-kubernetes-validations';

/** A copy of the schema with the rule at its place. */
function validated(schema: JsonSchema, { at: [first, ...rest], rule, message }: Validation): JsonSchema {
  if (first === undefined) {
    const others = schema[VALIDATION];
    const before: readonly unknown[] = Array.isArray(others) ? others : [];
    return { ...schema, [VALIDATION]: [...before, { rule, message }] };
  }
  const inner = schema[first];
  if (!isRecord(inner)) throw new Error(`the schema has no ${first}, where the rule "${rule}" belongs`);
  return { ...schema, [first]: validated(inner, { at: rest, rule, message }) };
}
