import { statusSchema, type Status } from '../lifecycle/status.ts';
import { parse } from 'yaml';
import { z } from 'zod';
import { API_VERSION } from '../lifecycle/schema.ts';
import { PlacedError } from './failure.ts';
import { rendered } from './generate.ts';
import type { Io } from './io.ts';
import { readSource } from './lifecycle-file.ts';
import { planMarkdown, planTable } from './plan-text.ts';
import { viewOf } from './plan-view.ts';

interface PlanOptions {
  readonly output: 'table' | 'json' | 'markdown';
  /** A saved Lifecycle: `kubectl get lifecycle NAME -o yaml`, or `-o json`. */
  readonly status?: string;
}

/** What a lifecycle file asks for, for people: the same plan and the same objects that `generate` prints. */
export async function plan(io: Io, path: string, { output, status: saved }: PlanOptions): Promise<void> {
  const { plan: built, objects } = await rendered(io, path);
  const status = saved === undefined ? undefined : readStatus(saved, built.lifecycle.metadata.name);
  const view = viewOf(built, objects, status);
  if (output === 'json') io.out(`${JSON.stringify(view, undefined, 2)}\n`);
  else io.out(output === 'markdown' ? planMarkdown(view) : planTable(view, io.colours));
}

function readStatus(file: string, name: string): Status {
  const savedLifecycle = z.object({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal('Lifecycle'),
    metadata: z.object({ name: z.literal(name) }),
    status: statusSchema.default({}),
  });
  try {
    return savedLifecycle.parse(parse(Buffer.from(readSource(file)).toString('utf8'))).status;
  } catch (error) {
    if (error instanceof PlacedError) throw error;
    throw new PlacedError(file, 'status-unreadable', `expected a Lifecycle named ${name}`);
  }
}
