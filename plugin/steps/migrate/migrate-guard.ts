import { chmod, copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Status } from '../../lifecycle/status.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import { isComplete } from '../ledger/decision.ts';
import { endRehearsalOfBlue } from '../clone/rehearsal-of-blue.ts';
import { isDone, recordOf, withStarted } from '../ledger/step-records.ts';
import { refuse, type RunStep } from '../ports/step.ts';
import type { WaitForLogin } from '../database/wait-for-login.ts';
import { requireWindow } from '../ledger/require-window.ts';

/** Where the guard finds the launcher in its own image, and the folder that it shares with the migration (ADR 4). */
export interface LauncherPlaces {
  readonly program: string;
  readonly folder: string;
}

export const LAUNCHER: LauncherPlaces = { program: '/usr/local/lib/lifecycle/run-unless', folder: '/lifecycle' };

/**
 * Before the migration: records it as started, exactly once. Done on record: puts up the marker with which the launcher
 * does nothing. Started or failed on record: refused, because how far it got is not known.
 */
export function createMigrateGuard({ program, folder }: LauncherPlaces, waitForLogin: WaitForLogin): RunStep {
  return async (context) => {
    const { ledger, request, clock } = context;
    const { status } = await ledger.read();
    // Before it is on record: a migration that cannot even log in has not started.
    if (!recordOf(status, request.digest, 'migrate')) {
      requireTurn(status, request);
      await waitForLogin(context, request.green ?? request.blue, 'user');
      if (request.plan === 'Prepare') await endRehearsalOfBlue(context);
    }
    const { written, view } = await ledger.update(({ status }) => {
      if (recordOf(status, request.digest, 'migrate')) return undefined;
      requireTurn(status, request);
      return { ...withStarted(status, request.digest, 'migrate', clock.now()), message: 'migrate: started' };
    });
    const record = recordOf(view.status, request.digest, 'migrate');
    if (!written && record?.state !== 'Done') {
      refuse(
        'migration-started-before',
        `it is on record as ${record?.state ?? 'lost'} since ${record?.startedAt ?? ''}`,
      );
    }
    const launcher = join(folder, 'run-unless');
    await copyFile(program, launcher);
    await chmod(launcher, 0o755);
    if (!written) await writeFile(join(folder, 'done'), '');
    return { migrate: written ? 'started' : 'done before' };
  };
}

function requireTurn(status: Status, request: StepRequest): void {
  requireWindow(status, request);
  if (request.plan !== 'AtRest') {
    if (!isDone(status, request.digest, 'verify')) refuse('step-out-of-order', 'the clone is not verified');
    return;
  }
  const { decision, serving } = status;
  if (decision && !isComplete(decision)) refuse('other-plan-open', `plan ${decision.digest} is ${decision.state}`);
  const servesNow = decision?.state === 'Committed' ? decision.green : serving?.instance;
  if (servesNow !== undefined && servesNow !== request.blue.name) {
    refuse('not-serving', `the plan is about ${request.blue.name}, but ${servesNow} serves`);
  }
}
