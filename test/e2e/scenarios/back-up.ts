import type { Status } from '../../../plugin/lifecycle/status.ts';
import { report } from '../world/report.ts';
import { repositoryInfo, type Backup } from '../world/repository-info.ts';
import { BLUE, sampleLifecycle, type SampleOptions } from '../world/sample.ts';
import { commitLifecycle, waitForLedger, waitForSynced, type World } from '../world/world.ts';

/** One full backup by a commit; resolves when the commit is synced. */
export async function backUp(world: World, id: string, options: SampleOptions): Promise<Backup> {
  const begun = Date.now();
  await commitLifecycle(world, sampleLifecycle({ ...options, onDemand: id }), `Back up: ${id}`);
  const isDone = ({ steps = [] }: Status): boolean =>
    steps.some(({ step, state }) => step === `backup/${id}` && state === 'Done');
  await waitForLedger(world, `backup ${id}`, isDone, 180);
  await waitForSynced(world, 120);
  const made = (await repositoryInfo(world, `${BLUE}-pgo`, options.onDemandRepository ?? 'repo1')).backup.at(-1);
  if (made === undefined) throw new Error(`${id} is in no repository`);
  report(`backup ${id}`, {
    'commit to Synced': `${((Date.now() - begun) / 1000).toFixed(1)} s`,
    pgBackRest: `${made.timestamp.stop - made.timestamp.start} s`,
    stored: `${(made.info.repository.delta / 1024 / 1024).toFixed(1)} MiB`,
  });
  return made;
}
