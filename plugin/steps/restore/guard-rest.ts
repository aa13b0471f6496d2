import { textOf } from '../../errors/text-of.ts';
import type { RunStep, StepContext } from '../ports/step.ts';
import { found, seen, waitFor } from '../ports/wait.ts';
import { requireNoRestore } from './open-restores.ts';
import { requireFittingVersion } from './require-fitting-version.ts';

/**
 * Where a restore was taken out of the file, or its approval is gone, after it had begun: the plan at rest in its place ends here,
 * before it waits for a database that is down, leads clients to it, or brings another version to what it has brought back.
 */
export const guardRest: RunStep = async ({ ledger, request }) => {
  const view = await ledger.read();
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
