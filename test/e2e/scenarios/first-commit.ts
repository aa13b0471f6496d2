import { waitForLedger, waitForSynced, type World } from '../world/world.ts';

export interface FirstCommit {
  readonly seconds: number;
}

/** Scenario 1: from the first commit until Argo CD says Synced and Healthy and the ledger says what serves. */
export async function firstCommit(world: World): Promise<FirstCommit> {
  const started = Date.now();
  await waitForSynced(world, 480);
  await waitForLedger(world, 'at rest', ({ phase, serving }) => phase === 'AtRest' && serving !== undefined, 180);
  return { seconds: (Date.now() - started) / 1000 };
}
