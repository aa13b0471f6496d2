import { textOf } from '../../errors/text-of.ts';
import type { RunStep, StepContext } from '../ports/step.ts';
import { found, seen, waitFor } from '../ports/wait.ts';
import { begunRestore, requireNoRestore } from './open-restores.ts';
import { requireFittingVersion } from './require-fitting-version.ts';

/**
 * Where a restore was taken out of the file, or its approval is gone, after it had begun: the plan in its place ends here,
 * before it waits for a database that is down, leads clients to it, or brings another version to what it has brought back.
 * A pause that was left is another matter for Prepare and Switch, whose preflight finishes it.
 */
export const guardRest: RunStep = async ({ ledger, request }) => {
  const view = await ledger.read();
  if (request.plan !== 'AtRest' && !begunRestore(view, request.blue.name)) return { restore: 'none begun' };
  requireNoRestore(view, request.blue.name);
  requireFittingVersion(view, request);
  return { restore: 'none under way' };
};

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
