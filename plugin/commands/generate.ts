import { join } from 'node:path';
import { LifecycleError } from '../errors/errors.ts';
import { textOf } from '../errors/text-of.ts';
import { awaitingText, earlierStage, withoutRequest } from '../plan/approved.ts';
import { buildPlan, type Plan } from '../plan/plan.ts';
import { InvariantError } from '../render/check.ts';
import { TemplateError, renderObjects, type RenderedObject } from '../render/render.ts';
import { toYaml } from '../render/yaml.ts';
import type { Verdict } from '../review/verdict.ts';
import { verdictOf } from './approval.ts';
import { builtInTemplates, knownTexts } from './built-in-templates.ts';
import { PlacedError, oneLine } from './failure.ts';
import type { Io } from './io.ts';
import { findLifecycle, readLifecycle, type LifecycleFile } from './lifecycle-file.ts';
import { parametersOf, type ApprovalParameters, type GenerateOptions } from './parameters.ts';
import { templateError, withOverrides } from './template-overrides.ts';

/** The CMP's command: a folder → manifests on stdout, whole or not at all (I2). */
export async function generate(io: Io, path: string, options: GenerateOptions): Promise<void> {
  const { objects, file } = await rendered(io, path, options, obeyed);
  try {
    io.out(toYaml(objects.map(({ object }) => object)));
  } catch (error) {
    throw placed(error, file);
  }
}

interface Rendered {
  readonly plan: Plan;
  /** Undefined where the plan needs nobody's approval. */
  readonly verdict: Verdict | undefined;
  readonly objects: readonly RenderedObject[];
  readonly file: LifecycleFile;
}

type Choose = (asked: Plan, verdict: Verdict | undefined, parameters: ApprovalParameters) => Plan | Promise<Plan>;

/** The plan that Argo CD gets: without what nobody has approved. */
const obeyed: Choose = async (asked, verdict, parameters) => {
  if (!verdict || !('refusal' in verdict)) return approved(asked, verdict, parameters);
  const why = verdict.refusal.message;
  const earlier = earlierStage(asked);
  const itsVerdict = earlier && (await verdictOf(earlier, parameters));
  if (!earlier || !itsVerdict || 'refusal' in itsVerdict) return withoutRequest(asked, why);
  return {
    ...(await approved(earlier, itsVerdict, parameters)),
    awaiting: awaitingText(asked, asked.lifecycle.spec.restore?.id ?? '', why),
  };
};

/** The plan that the file asks for, also where nobody has approved it. */
export const approved: Choose = (asked, verdict) =>
  verdict && 'approval' in verdict ? { ...asked, approval: verdict.approval } : asked;

/** A folder, or a file → its plan and the objects of the plan. */
export async function rendered(io: Io, path: string, options: GenerateOptions, choose: Choose): Promise<Rendered> {
  const parameters = parametersOf(io, options);
  const file = findLifecycle(path);
  const asked = buildPlan(readLifecycle(file));
  const verdict = await verdictOf(asked, parameters);
  const plan = await choose(asked, verdict, parameters);
  const templates = await withOverrides(builtInTemplates(), file.folder);
  try {
    return { plan, verdict, objects: renderObjects(plan, parameters, templates, knownTexts()), file };
  } catch (error) {
    throw placed(error, file);
  }
}

function placed(error: unknown, { path, folder }: LifecycleFile): unknown {
  if (error instanceof TemplateError) return templateError(join(folder, 'templates', `${error.template}.hbs`), error);
  if (error instanceof InvariantError) {
    const violations = error.violations.map(({ invariant, object, problem }) => `${object} ${problem} (${invariant})`);
    return new PlacedError(`${path}:1:1`, 'invariant-broken', violations.join('; '));
  }
  return error instanceof LifecycleError ? error : new PlacedError(`${path}:1`, 'internal', oneLine(textOf(error)));
}
