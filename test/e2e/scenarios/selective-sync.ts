import { applicationStatus, setAutomated, startSync, type SelectedResource } from '../../lab/argocd/application.ts';
import { kubectl } from '../../lab/kubectl.ts';
import { waitFor } from '../../lab/wait-for.ts';
import type { World } from '../world/world.ts';
import { jobsOf } from './heal-job.ts';

/** Syncs some resources of the Application alone, as a person does in the UI; resolves when that has succeeded. */
export async function syncSelected({ name }: World, resources: readonly SelectedResource[]): Promise<void> {
  await startSync(name, resources);
  await waitFor(
    async () => {
      const { operation } = await applicationStatus(name);
      if (operation?.phase === 'Failed' || operation?.phase === 'Error') throw new Error(operation.message);
      return operation?.phase === 'Succeeded';
    },
    { what: `sync of ${resources.map(({ kind }) => kind).join()} alone`, timeoutSeconds: 120 },
  );
}

/** Deletes the Job of a step, and has it made again by a sync of nothing else: self-heal is off meanwhile. */
export async function syncJob(world: World, step: string): Promise<void> {
  await setAutomated(world.name, false);
  const [job] = await jobsOf(world, step);
  if (!job) throw new Error(`no Job of step ${step}`);
  const { name, uid } = job.metadata;
  await kubectl(['delete', 'job', name, '-n', world.name]);
  await syncSelected(world, [{ group: 'batch', kind: 'Job', name }]);
  const [made] = await jobsOf(world, step);
  if (made?.metadata.name !== name || made.metadata.uid === uid) throw new Error(`${name} was not made again`);
  await kubectl(['wait', '--for=condition=Complete', `job/${name}`, '-n', world.name, '--timeout=60s']);
  await setAutomated(world.name, true);
}
