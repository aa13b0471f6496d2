import type { Rehearsal } from '../../../plugin/lifecycle/status.ts';
import type { SampleOptions } from '../world/sample.ts';
import { sampleLifecycle } from '../world/sample.ts';
import { commitLifecycle, waitForLedger, waitForSynced, type World } from '../world/world.ts';

/** Scenario 2: commits stage Prepare and waits for the rehearsal's evidence. */
export async function prepare(world: World, options: SampleOptions = {}): Promise<Rehearsal> {
  await commitLifecycle(
    world,
    sampleLifecycle({ ...options, green: { ...options.green, stage: 'Prepare' } }),
    'Prepare',
  );
  const { rehearsal } = await waitForLedger(world, 'rehearsed', ({ phase }) => phase === 'Prepared', 300);
  await waitForSynced(world, 180);
  if (!rehearsal) throw new Error('Prepared, without a rehearsal on record');
  return rehearsal;
}
