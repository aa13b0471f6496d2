import { servesBy } from '../ledger/serves-by.ts';
import { textOf } from '../../errors/text-of.ts';
import { ANNOTATION } from '../../plan/labels.ts';
import type { Status } from '../../lifecycle/status.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import { refuse, type RunStep, type StepContext } from '../ports/step.ts';
import { requireNotServing } from '../beside/require-not-serving.ts';
import { isFinal } from '../ledger/decision.ts';
import type { LedgerView } from '../ports/ports.ts';
import { found, seen, waitFor } from '../ports/wait.ts';
import { begunRestore, requireNoRestore } from '../restore/open-restores.ts';
import { requireFittingVersion } from '../restore/require-fitting-version.ts';

/**
 * Where a restore was taken out of the file, or its approval is gone, after it had begun: the plan in its place ends here,
 * before it waits for a database that is down, leads clients to it, brings another version to what it has brought back, or prunes what
 * was restored beside. A pause that was left is another matter for Prepare and Switch, whose preflight finishes it.
 */
export const guard: RunStep = async ({ ledger, request }) => {
  const view = await ledger.read();
  // After its commit a switch goes on saying what it did.
  if (request.plan !== 'SwitchRestored' || view.status.decision?.digest !== request.digest)
    requireNotServing(view.status, request);
  requireDecided(view.status, request);
  if (request.plan !== 'AtRest' && !begunRestore(view, request.blue.name)) return { restore: 'none begun' };
  requireServing(view.status, request);
  requireStillApproved(view);
  requireNoRestore(view, request.blue.name);
  requireFittingVersion(view, request);
  return { restore: 'none under way' };
};

/** Both stages of a restore beside are one plan: back at its preview nobody would end the window that the switch has opened. */
function requireDecided({ decision }: Status, { plan, digest }: StepRequest): void {
  if (plan !== 'RestoreBeside' || decision?.digest !== digest || isFinal(decision)) return;
  refuse(
    'other-plan-open',
    `the switch to ${decision.green} is ${decision.state}: write stage: Switch, or raise restore.attempt`,
  );
}

/** At rest the database of an instance that does not serve would be made, empty, where its backups are. */
function requireServing(status: Status, { blue }: StepRequest): void {
  const serves = servesBy(status);
  if (serves === undefined || serves === blue.name) return;
  refuse('not-serving', `the file says ${blue.name}, but ${serves} serves`);
}

/** I13: what has begun goes on, or is taken out of the file by somebody; it does not go with a token that is gone. */
function requireStillApproved({ annotations, status: { clones = [] } }: LedgerView): void {
  const awaiting = annotations[ANNOTATION.awaitingApproval] ?? '';
  const begun = clones.find(({ id, state }) => awaiting.includes(`restore ${id}, request `) && state !== 'Requested');
  if (begun)
    refuse(
      'approval-missing',
      `restore ${begun.id} has begun, and its approval is gone: hand it in again, or take the restore out`,
    );
}

/** In its wave Argo CD applies the Lifecycle after the Jobs, which at a first sync is a moment too late. */
export const waitForLedger = (context: StepContext): Promise<void> =>
  waitFor(context, { what: 'the Lifecycle', timeoutSeconds: 60 }, async () => {
    try {
      await context.ledger.read();
      return found(undefined);
    } catch (error) {
      return seen(textOf(error));
    }
  });
