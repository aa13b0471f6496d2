import { refresh } from '../../lab/argocd/application.ts';
import { kubectl, listObjects } from '../../lab/kubectl.ts';
import { waitFor } from '../../lab/wait-for.ts';
import type { World } from '../world/world.ts';

interface Job {
  readonly metadata: { readonly name: string; readonly uid: string };
}

export const jobsOf = ({ name }: World, step: string): Promise<readonly Job[]> =>
  listObjects<Job>('jobs', name, `lifecycle.bestie.com/step=${step}`);

/** Deletes the Job of a step, until Argo CD's self-heal has made it again and it is through. */
export async function healJob(world: World, step: string): Promise<void> {
  const [job] = await jobsOf(world, step);
  if (!job) throw new Error(`no Job of step ${step}`);
  const { name, uid } = job.metadata;
  await kubectl(['delete', 'job', name, '-n', world.name]);
  await refresh(world.name, 'normal');
  const isHealed = async (): Promise<boolean> => {
    const [healed] = await jobsOf(world, step);
    return healed !== undefined && healed.metadata.uid !== uid;
  };
  await waitFor(isHealed, { what: `${name} healed`, timeoutSeconds: 60 });
  await kubectl(['wait', '--for=condition=Complete', `job/${name}`, '-n', world.name, '--timeout=60s']);
}
