import type { RunStep } from '../ports/step.ts';
import { requireNoRestore } from './open-restores.ts';
import { requireFittingVersion } from './require-fitting-version.ts';

/**
 * A restore that has begun goes on only with its approval, and what it has brought back meets no other version: where the approval is
 * gone, the plan at rest in its place ends here, before it waits for a database that is down or leads clients to it.
 */
export const guardRest: RunStep = async ({ ledger, request }) => {
  const view = await ledger.read();
  requireNoRestore(view, request.blue.name);
  requireFittingVersion(view.status, request);
  return { restore: 'none under way' };
};
