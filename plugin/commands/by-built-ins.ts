import type { Plan } from '../plan/plan.ts';
import { renderObjects, type RenderedObject } from '../render/render.ts';
import { builtInTemplates, knownTexts } from './built-in-templates.ts';
import { STEP_IMAGE } from './version.ts';

/** How a review renders: the same on every machine, whatever image its steps have. */
export function byBuiltIns(): (plan: Plan) => readonly RenderedObject[] {
  const templates = builtInTemplates();
  const known = knownTexts();
  return (plan) => renderObjects(plan, { stepImage: STEP_IMAGE, apiVersions: [] }, templates, known);
}
