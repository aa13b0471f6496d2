import { kubectl, listObjects } from '../../lab/kubectl.ts';
import { waitFor } from '../../lab/wait-for.ts';
import type { World } from '../world/world.ts';

interface Pod {
  readonly metadata: { readonly name: string };
  readonly status: { readonly phase: string };
}

/** Kills the pod of a step as soon as there is one, as the loss of its node would. */
export async function killStep({ name }: World, step: string, timeoutSeconds: number): Promise<void> {
  const alive = async (): Promise<Pod | undefined> => {
    const pods = await listObjects<Pod>('pods', name, `lifecycle.bestie.com/step=${step}`);
    return pods.find(({ status }) => status.phase === 'Running' || status.phase === 'Pending');
  };
  await waitFor(
    async () => {
      const pod = await alive();
      if (!pod) return false;
      await kubectl(['delete', 'pod', pod.metadata.name, '-n', name, '--force', '--grace-period=0', '--wait=false']);
      return true;
    },
    { what: `a pod of step ${step}`, timeoutSeconds, everyMilliseconds: 100 },
  );
}
