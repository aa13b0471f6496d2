import { TEMPLATE_NAMES, type TemplateName } from './templates.ts';

/**
 * What runs the plan, and what it may do, is not the repository's to replace: a step would check a request that its template has written.
 */
const FIXED: readonly TemplateName[] = [
  'job',
  'keeper',
  'lifecycle',
  'migrate',
  'role',
  'rolebinding',
  'serviceaccount',
];

export const isFixed = (name: string): boolean => (FIXED as readonly string[]).includes(name);

/** What a file under templates/ may take the place of. */
export const REPLACEABLE: readonly TemplateName[] = TEMPLATE_NAMES.filter((name) => !isFixed(name));

export const isReplaceable = (name: string): name is TemplateName => (REPLACEABLE as readonly string[]).includes(name);
