import Handlebars from 'handlebars';
import { parse } from 'yaml';

/** One template an object; a file of the same name under `templates/` beside the lifecycle file replaces it. */
export type TemplateName =
  | 'application'
  | 'bestie'
  | 'job'
  | 'keeper'
  | 'lifecycle'
  | 'migrate'
  | 'postgrescluster'
  | 'role'
  | 'rolebinding'
  | 'service'
  | 'serviceaccount';

export const TEMPLATE_NAMES: readonly TemplateName[] = [
  'application',
  'bestie',
  'job',
  'keeper',
  'lifecycle',
  'migrate',
  'postgrescluster',
  'role',
  'rolebinding',
  'service',
  'serviceaccount',
];

export type TemplateSources = Readonly<Record<TemplateName, string>>;

/** A Kubernetes object as plain data. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  [field: string]: unknown;
}

/** Every value enters a template as JSON, which is YAML: no input can become structure (I16). */
const json = (value: unknown): unknown => new Handlebars.SafeString(JSON.stringify(value ?? null));

/** Fills a template and reads the result as one Kubernetes object. Throws on anything else. */
export function fill(source: string, data: Readonly<Record<string, unknown>>): KubernetesObject {
  const environment = Handlebars.create();
  for (const helper of ['lookup', 'log', 'blockHelperMissing', 'helperMissing']) environment.unregisterHelper(helper);
  environment.registerHelper('json', json);
  const template = environment.compile(source, {
    strict: true,
    noEscape: true,
    knownHelpersOnly: true,
    knownHelpers: { json: true, if: true, each: true, unless: true, with: true },
  });
  const text = template(data, { allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false });
  const object: unknown = parse(text, { maxAliasCount: 0, uniqueKeys: true });
  if (!isKubernetesObject(object)) throw new Error('the template does not render one Kubernetes object with a name');
  return object;
}

function isKubernetesObject(value: unknown): value is KubernetesObject {
  if (typeof value !== 'object' || value === null) return false;
  const { apiVersion, kind, metadata } = value as Partial<Record<string, unknown>>;
  return (
    typeof apiVersion === 'string' &&
    typeof kind === 'string' &&
    typeof metadata === 'object' &&
    metadata !== null &&
    typeof (metadata as Partial<Record<string, unknown>>)['name'] === 'string'
  );
}
