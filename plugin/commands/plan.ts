import { approved, rendered } from './generate.ts';
import { EXIT, LifecycleError } from '../errors/errors.ts';
import type { Io } from './io.ts';
import { planMarkdown, planTable } from './plan-text.ts';
import { viewOf } from '../review/plan-view.ts';
import type { PlanOptions } from './plan-options.ts';
import { readStatus } from './saved-status.ts';

/**
 * What a lifecycle file asks for, for people: the same plan and the same objects that `generate` prints.
 * @returns the exit code
 */
export async function plan(io: Io, path: string, options: PlanOptions): Promise<number> {
  const { output, status: saved, base } = options;
  if (base !== undefined) return (await import('./plan-base.ts')).planBase(io, path, base, options);
  if (output === 'sarif')
    throw new LifecycleError('usage', '-o sarif goes with --base; for files as they are: lifecycle validate -o sarif');
  const { plan: built, objects, verdict } = await rendered(io, path, options, approved);
  const status = saved === undefined ? undefined : readStatus(saved, built.lifecycle.metadata.name);
  const view = viewOf(built, objects, { verdict, ...(status && { status }) });
  if (output === 'json') io.out(`${JSON.stringify(view, undefined, 2)}\n`);
  else io.out(output === 'markdown' ? planMarkdown(view) : planTable(view, io.colours));
  return EXIT.ok;
}
