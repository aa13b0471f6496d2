import { digestOf } from '../plan/digest.ts';
import type { Plan } from '../plan/plan.ts';
import type { Step } from '../plan/steps.ts';
import { checkObjects } from './check.ts';
import { mergePatch } from './merge-patch.ts';
import type { KubernetesObject } from './kubernetes-object.ts';
import { overApplicationPod } from './migration-pod.ts';
import { partsOf } from './objects.ts';
import { asksToCreate } from './asks-to-create.ts';
import type { Part, RenderParameters } from './part.ts';
import { stamp } from './stamp.ts';
import { fill, reader, type KnownTexts, type Templates } from './templates.ts';

/** A template that cannot be used: which, and why. */
export class TemplateError extends Error {
  readonly template: string;
  constructor(template: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.template = template;
  }
}

/** The patches of the lifecycle file; the rules refuse what the plan owns, and the checks look at the result. */
function patched(object: KubernetesObject, { patches = [] }: Part): KubernetesObject {
  return patches.reduce((result, { at, with: patch }) => {
    const nested = at.reduceRight<unknown>((inner, field) => ({ [field]: inner }), patch);
    return mergePatch(result, nested) as KubernetesObject;
  }, object);
}

function filled(part: Part, fillIn: (part: Part) => KubernetesObject): KubernetesObject {
  try {
    return patched(fillIn(part), part);
  } catch (error) {
    throw new TemplateError(part.template, error);
  }
}

function named(object: KubernetesObject, { hashedName }: Part): KubernetesObject {
  if (hashedName !== true) return object;
  const name = `${object.metadata.name}-${digestOf(object['spec'], 8)}`;
  return { ...object, metadata: { ...object.metadata, name } };
}

function build(part: Part, plan: Plan, fillIn: (part: Part) => KubernetesObject): KubernetesObject {
  const own = created(part, plan, fillIn);
  const application = part.application && filled(part.application, fillIn);
  try {
    return stamp(named(application ? overApplicationPod(own, application) : own, part), part, plan);
  } catch (error) {
    throw new TemplateError(part.template, error);
  }
}

/** A step that makes an object gets it as Argo CD would apply it, without what only that looks at. */
function created(part: Part, plan: Plan, fillIn: (part: Part) => KubernetesObject): KubernetesObject {
  const own = filled(part, fillIn);
  if (!part.creates) return own;
  const { metadata, ...object } = build(part.creates, plan, fillIn);
  const { name, labels } = metadata;
  return asksToCreate(own, { ...object, metadata: { name, labels } });
}

/** An object, and the step that it belongs to. */
export interface RenderedObject {
  readonly step: Step;
  readonly object: KubernetesObject;
}

/**
 * Plan → objects in the order of its steps, checked against the invariants. Pure.
 * @param known texts that need not be read again
 * @throws TemplateError, InvariantError
 */
export function renderObjects(
  plan: Plan,
  parameters: RenderParameters,
  templates: Templates,
  known: KnownTexts = new Map(),
): readonly RenderedObject[] {
  const parts = partsOf(plan, parameters);
  const read = reader(known);
  const fillIn = ({ template, data }: Part): KubernetesObject => fill(templates[template], data, read);
  const objects = parts.map((part) => ({ step: part.step, object: build(part, plan, fillIn) }));
  checkObjects(
    objects.map(({ object }) => object),
    parts,
    plan,
  );
  return objects;
}
