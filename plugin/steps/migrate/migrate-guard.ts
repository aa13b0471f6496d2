import { servesBy } from '../ledger/serves-by.ts';
import { requireNotServing } from '../beside/require-not-serving.ts';
import { chmod, copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Status, StepRecord } from '../../lifecycle/status.ts';
import { instanceSelector } from '../../plan/labels.ts';
import type { StepInstance, StepRequest } from '../../plan/step-request.ts';
import { isComplete } from '../ledger/decision.ts';
import { endRehearsalOfBlue } from '../clone/rehearsal-of-blue.ts';
import { isDone, recordOf, withDone, withStarted } from '../ledger/step-records.ts';
import type { LedgerView } from '../ports/ports.ts';
import { refuse, type Evidence, type RunStep, type StepContext } from '../ports/step.ts';
import type { WaitForLogin } from '../database/wait-for-login.ts';
import { migratedAroundRestore, recordsAroundRestore, sameAs } from './migrated-around-restore.ts';
import { migratedAt } from './migrated-at.ts';
import { migratedBySwitch } from './migrated-by-switch.ts';
import { requireWindow } from '../ledger/require-window.ts';
import { isInData } from '../restore/is-in-data.ts';
import { requireNoRestore } from '../restore/open-restores.ts';
import { requireFittingVersion } from '../restore/require-fitting-version.ts';

/** Where the guard finds the launcher in its own image, and the folder that it shares with the migration (ADR 4). */
export interface LauncherPlaces {
  readonly program: string;
  readonly folder: string;
}

export const LAUNCHER: LauncherPlaces = { program: '/usr/local/lib/lifecycle/run-unless', folder: '/lifecycle' };

/**
 * Before the migration: records it as started, exactly once, and opens green to its role. Done on record: puts up the
 * marker with which the launcher does nothing. Started or failed on record: refused, because how far it got is not known.
 */
export function createMigrateGuard(
  { program, folder }: LauncherPlaces,
  { waitForLogin, openGreen }: GuardPorts,
): RunStep {
  return async (context) => {
    const { ledger, request } = context;
    const view = await ledger.read();
    // Before it is on record: a migration that cannot even log in has not started.
    if (!migrationOf(view.status, request) && !takenOver(view.status, request)) {
      requireTurn(view, request);
      await prepare(context, waitForLogin);
    }
    const started = await recordStarted(context);
    if (started) await openGreen(context);
    const launcher = join(folder, 'run-unless');
    await copyFile(program, launcher);
    await chmod(launcher, 0o755);
    if (!started) await writeFile(join(folder, 'done'), '');
    return { migrate: started ? 'started' : 'done before' };
  };
}

/** What the guard does in databases. */
export interface GuardPorts {
  readonly waitForLogin: WaitForLogin;
  /** Lets the migration's role write on green. */
  readonly openGreen: (context: StepContext) => Promise<void>;
}

async function prepare(context: StepContext, waitForLogin: WaitForLogin): Promise<void> {
  const { green, blue, plan } = context.request;
  await waitForLogin(context, green ?? blue, 'user');
  if (green) await waitForLogin(context, green, 'superuser');
  if (plan === 'Prepare') await endRehearsalOfBlue(context);
  else if (green) await requireNobodyElse(context, green);
}

/** Green's application logs in as the migration's role: were it there, it could do work that an abort throws away. */
async function requireNobodyElse({ cluster, request }: StepContext, green: StepInstance): Promise<void> {
  const pods = await cluster.pods(instanceSelector(request.lifecycle, green.name));
  if (pods.length > 0) refuse('step-out-of-order', `the application ${green.application} runs before the migration`);
}

/** @returns false when it is done already: under this plan, or under another one that brought the same. */
async function recordStarted({ ledger, request, clock }: StepContext): Promise<boolean> {
  const around = sameAs(request);
  const { written, view } = await ledger.update((seen) => {
    const { status } = seen;
    if (migrationOf(status, request)) return undefined;
    requireTurn(seen, request);
    const before = takenOver(status, request);
    if (before !== undefined) return withDone(status, request.digest, 'migrate', clock.now(), { ...before, ...around });
    refuseStarted(status, request);
    return { ...withStarted(status, request.digest, 'migrate', clock.now(), around), message: 'migrate: started' };
  });
  const record = recordOf(view.status, request.digest, 'migrate');
  if (record?.state === 'Done') return false;
  if (!written) {
    refuse(
      'migration-started-before',
      `it is on record as ${record?.state ?? 'lost'} since ${record?.startedAt ?? ''}`,
    );
  }
  return true;
}

/** The evidence of another plan that brought the same. */
const takenOver = (status: Status, request: StepRequest): Evidence | undefined =>
  migratedBySwitch(status, request) ?? migratedAroundRestore(status, request);

/** Under another attempt of a restore, or the plan at rest that goes on with it, one that did not end is the same one. */
function refuseStarted(status: Status, request: StepRequest): void {
  const started = recordsAroundRestore(status, request).find(
    (each) => each.state !== 'Done' && isInData(status, (request.green ?? request.blue).name, each.startedAt),
  );
  if (started === undefined) return;
  refuse(
    'migration-started-before',
    `it is on record as ${started.state} since ${started.startedAt}, under plan ${started.digest}`,
  );
}

/** The record of this plan's migration; one that was done, and then undone by a restore, has not happened. */
function migrationOf(status: Status, { blue, digest, green }: StepRequest): StepRecord | undefined {
  const record = recordOf(status, digest, 'migrate');
  const undone = record?.state === 'Done' && !isInData(status, (green ?? blue).name, migratedAt(record));
  return undone ? undefined : record;
}

function requireTurn(view: LedgerView, request: StepRequest): void {
  const { status } = view;
  requireWindow(status, request);
  requireNotServing(status, request);
  if (!request.green) requireFittingVersion(view, request);
  if (request.plan !== 'AtRest') {
    if (!isDone(status, request.digest, 'verify')) refuse('step-out-of-order', 'the clone is not verified');
    return;
  }
  requireNoRestore(view, request.blue.name);
  const { decision } = status;
  if (decision && !isComplete(decision)) refuse('other-plan-open', `plan ${decision.digest} is ${decision.state}`);
  const servesNow = servesBy(status);
  if (servesNow !== undefined && servesNow !== request.blue.name) {
    refuse('not-serving', `the plan is about ${request.blue.name}, but ${servesNow} serves`);
  }
}
