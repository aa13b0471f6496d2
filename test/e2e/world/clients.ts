import { loadStats, startLoad } from '../../lab/load/start.ts';
import type { LoadOptions } from '../../lab/load/pod.ts';
import { waitFor } from '../../lab/wait-for.ts';
import { BLUE, DATABASE } from './sample.ts';
import type { World } from './world.ts';

/** Writers, readers and, where asked for, sessions on blue that override read-only; resolves when all are at work. */
export async function startClients(
  { name }: World,
  clients: Pick<LoadOptions, 'writers' | 'readers' | 'overriders'>,
): Promise<void> {
  const databaseSecret = `${BLUE}-pgo-pguser-${DATABASE}`;
  await startLoad({ namespace: name, service: 'bestie', port: 80, databaseSecret, ...clients });
  await waitFor(
    async () => {
      const { service, direct, reads } = await loadStats(name);
      const overriding = clients.overriders === 0 || direct.acknowledged > 10;
      return service.acknowledged > 50 && reads.ok > 50 && overriding;
    },
    { what: 'clients at work', timeoutSeconds: 30 },
  );
}
