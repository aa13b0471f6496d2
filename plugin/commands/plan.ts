import { approved, rendered } from './generate.ts';
import type { Io } from './io.ts';
import { planMarkdown, planTable } from './plan-text.ts';
import { viewOf } from './plan-view.ts';
import type { GenerateOptions } from './parameters.ts';
import { readStatus } from './saved-status.ts';

export interface PlanOptions extends GenerateOptions {
  readonly output: 'table' | 'json' | 'markdown';
  /** A saved Lifecycle: `kubectl get lifecycle NAME -o yaml`, or `-o json`. */
  readonly status?: string;
}

/** What a lifecycle file asks for, for people: the same plan and the same objects that `generate` prints. */
export async function plan(io: Io, path: string, options: PlanOptions): Promise<void> {
  const { output, status: saved } = options;
  const { plan: built, objects, verdict } = await rendered(io, path, options, approved);
  const status = saved === undefined ? undefined : readStatus(saved, built.lifecycle.metadata.name);
  const view = viewOf(built, objects, { verdict, ...(status && { status }) });
  if (output === 'json') io.out(`${JSON.stringify(view, undefined, 2)}\n`);
  else io.out(output === 'markdown' ? planMarkdown(view) : planTable(view, io.colours));
}
