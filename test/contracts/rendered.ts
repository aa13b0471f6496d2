import type { Lifecycle } from '../../plugin/lifecycle/model.ts';
import { buildPlan } from '../../plugin/plan/plan.ts';
import { builtInTemplates } from '../../plugin/commands/built-in-templates.ts';
import type { KubernetesObject } from '../../plugin/render/kubernetes-object.ts';
import type { RenderParameters } from '../../plugin/render/part.ts';
import { renderObjects } from '../../plugin/render/render.ts';
import type { Templates } from '../../plugin/render/templates.ts';
import { compileTemplate } from '../../plugin/render/compile-template.ts';

const PARAMETERS: RenderParameters = { stepImage: 'steps:1', apiVersions: [] };
const BUILT_IN = builtInTemplates();

interface Options {
  readonly parameters?: Partial<RenderParameters>;
  /** Template sources that replace built-in ones. */
  readonly overrides?: Partial<Record<keyof Templates, string>>;
}

/** Every object of a lifecycle's plan, with the built-in templates unless overridden. */
export function render(
  lifecycle: Lifecycle,
  { parameters, overrides = {} }: Options = {},
): readonly KubernetesObject[] {
  const compiled = Object.entries(overrides).map(([name, source]) => [name, compileTemplate(source)]);
  const templates: Templates = { ...BUILT_IN, ...(Object.fromEntries(compiled) as Partial<Templates>) };
  return renderObjects(buildPlan(lifecycle), { ...PARAMETERS, ...parameters }, templates).map(({ object }) => object);
}

/** The one object of a kind and name. */
export function find(objects: readonly KubernetesObject[], kind: string, name: string | RegExp): KubernetesObject {
  const found = objects.filter(
    ({ kind: of, metadata }) =>
      of === kind && (typeof name === 'string' ? metadata.name === name : name.test(metadata.name)),
  );
  if (found.length !== 1 || !found[0]) throw new Error(`${found.length} objects ${kind} ${String(name)}`);
  return found[0];
}

/** A field of an object by its path: `spec.template.spec`, list items by index. */
export function field(object: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined,
      object,
    );
}
