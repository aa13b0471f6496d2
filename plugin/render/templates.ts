import { parse } from 'yaml';
import { isKubernetesObject, type KubernetesObject } from './kubernetes-object.ts';
import { placeholders } from './placeholders.ts';

/** One template an object; a file of the same name under `templates/` beside the lifecycle file replaces it. */
export const TEMPLATE_NAMES = [
  'application',
  'autoscaler',
  'bestie',
  'ingress',
  'job',
  'keeper',
  'lifecycle',
  'migrate',
  'postgrescluster',
  'role',
  'rolebinding',
  'service',
  'serviceaccount',
  'servicemonitor',
] as const;
export type TemplateName = (typeof TEMPLATE_NAMES)[number];

/** A compiled template: data → text. `json` is the only helper that may print. */
export type Template = (data: TemplateData, json: (value: unknown) => string) => string;
export type TemplateData = Readonly<Record<string, unknown>>;
export type Templates = Readonly<Record<TemplateName, Template>>;

/**
 * Fills a template and reads the result as one Kubernetes object. `{{json x}}` prints a placeholder, and x takes its place
 * only after the YAML was read: no input ever goes through a parser, so none can become structure (I16).
 * @throws Error when the text is not one Kubernetes object with a name
 */
export function fill(template: Template, data: TemplateData, read: Read = readYaml): KubernetesObject {
  const { json, resolve } = placeholders();
  const object = resolve(read(template(data, json)));
  if (!isKubernetesObject(object)) throw new Error('the template does not render one Kubernetes object with a name');
  return object;
}

type Read = (text: string) => unknown;

/** How the text of a template is read. */
export const readYaml: Read = (text) => parse(text, { maxAliasCount: 0, uniqueKeys: true }) as unknown;

/** Texts with placeholders for values, and what `readYaml` makes of them. */
export type KnownTexts = ReadonlyMap<string, unknown>;

/** Reads the same text once: with placeholders for values, most objects of a template have one text. */
export function reader(known: KnownTexts): Read {
  const texts = new Map(known);
  return (text) => {
    const value = texts.get(text) ?? readYaml(text);
    texts.set(text, value);
    return value;
  };
}
