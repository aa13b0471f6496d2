import { kubectl } from '../kubectl.ts';
import { waitFor } from '../wait-for.ts';
import type { AcknowledgedWrite } from './acknowledged.ts';
import { loadPod, POD, PORT, type LoadOptions } from './pod.ts';
import type { LoadStats } from './load-stats.ts';

const path = (namespace: string, what: string): string =>
  `/api/v1/namespaces/${namespace}/pods/${POD}:${PORT}/proxy/${what}`;

/** Starts the load in a pod of its own; resolves when its clients run. The image is imported before. */
export async function startLoad(options: LoadOptions): Promise<void> {
  await kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify(loadPod(options)));
  await waitFor(() => loadStats(options.namespace), { what: 'load generator', timeoutSeconds: 60 });
}

export async function loadStats(namespace: string): Promise<LoadStats> {
  return JSON.parse(await kubectl(['get', '--raw', path(namespace, 'stats')])) as LoadStats;
}

/** Every acknowledged write so far. */
export async function loadWrites(namespace: string): Promise<readonly AcknowledgedWrite[]> {
  const text = await kubectl(['get', '--raw', path(namespace, 'writes')]);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as AcknowledgedWrite);
}

/** Stops the clients; the pod stays, so that `loadStats` and `loadWrites` still answer. */
export async function stopLoad(namespace: string): Promise<LoadStats> {
  return JSON.parse(await kubectl(['create', '--raw', path(namespace, 'stop'), '-f', '-'], '{}')) as LoadStats;
}
