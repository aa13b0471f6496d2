import { parseAllDocuments, stringify } from 'yaml';
import { digestOf } from '../plan/digest.ts';
import type { Plan } from '../plan/plan.ts';
import { checkObjects } from './check.ts';
import { mergePatch } from './merge-patch.ts';
import { partsOf, type Part } from './objects.ts';
import { stamp } from './stamp.ts';
import type { StepParameters } from './step-data.ts';
import { fill, type KubernetesObject, type TemplateSources } from './templates.ts';

/** A template that cannot be used: which, and why. */
export class TemplateError extends Error {
  readonly template: string;
  constructor(template: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.template = template;
  }
}

/** The patch of the lifecycle file; its reach is limited by the rules (fields that the plan owns are refused there). */
function patched(object: KubernetesObject, { patch }: Part): KubernetesObject {
  if (!patch) return object;
  const nested = patch.at.reduceRight<unknown>((inner, field) => ({ [field]: inner }), patch.with);
  return mergePatch(object, nested) as KubernetesObject;
}

function named(object: KubernetesObject, { hashedName }: Part): KubernetesObject {
  if (hashedName !== true) return object;
  const name = `${object.metadata.name}-${digestOf(object['spec'], 8)}`;
  return { ...object, metadata: { ...object.metadata, name } };
}

function build(part: Part, plan: Plan, templates: TemplateSources): KubernetesObject {
  try {
    return stamp(named(patched(fill(templates[part.template], part.data), part), part), part, plan);
  } catch (error) {
    throw new TemplateError(part.template, error);
  }
}

/** Plan → objects, checked against the invariants. Pure. */
export function renderObjects(
  plan: Plan,
  parameters: StepParameters,
  templates: TemplateSources,
): readonly KubernetesObject[] {
  const parts = partsOf(plan, parameters);
  const objects = parts.map((part) => build(part, plan, templates));
  checkObjects(objects, parts, plan);
  return objects;
}

/** Objects → one YAML stream; read again before it is returned, so that what is printed is what was checked (I2). */
export function toYaml(objects: readonly KubernetesObject[]): string {
  const text = objects
    .map((object) => `---\n${stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })}`)
    .join('');
  const documents = parseAllDocuments(text);
  const whole = documents.length === objects.length && documents.every(({ errors }) => errors.length === 0);
  if (!whole) throw new Error('the rendered output does not read back as the same objects');
  return text;
}
