import { setTimeout as delay } from 'node:timers/promises';
import { binaries } from '../../lab/build/binaries.ts';
import { kubectl } from '../../lab/kubectl.ts';
import { API_SERVER, startControlPlane } from '../../lab/node/up.ts';
import { pidOf, stopProcess } from '../../lab/process.ts';
import { waitFor } from '../../lab/wait-for.ts';

/** It answers nobody, and breaks no connection either. The length of it is what is tried, so nothing else is awaited. */
export async function apiServerHangs(seconds: number): Promise<void> {
  const server = pidOf(API_SERVER);
  if (server === undefined) throw new Error('no API server');
  process.kill(server, 'SIGSTOP');
  try {
    await delay(seconds * 1000);
  } finally {
    process.kill(server, 'SIGCONT');
  }
}

/** It is killed, every connection is refused, and another one starts. */
export async function apiServerGone(seconds: number): Promise<void> {
  await stopProcess(API_SERVER, 'SIGKILL');
  try {
    await delay(seconds * 1000);
  } finally {
    await startApiServer();
  }
}

/** Unless it runs; resolves when it is ready. */
export async function startApiServer(): Promise<void> {
  startControlPlane(await binaries());
  await waitFor(() => kubectl(['get', '--raw', '/readyz']), { what: 'API server ready', timeoutSeconds: 60 });
}
