import { existsSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { RUN } from '../paths.ts';
import { startProcess, stopProcess } from '../process.ts';
import { waitFor } from '../wait-for.ts';

/** What runs in the lab's network. */
export const RELAY = join(import.meta.dirname, 'relay.ts');

export interface ForwardedPort {
  /** Of this machine's own network: a test reaches it like any server. */
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Makes an address of the lab's network, which has no link to the outside, reachable from a test. @param name of the relay's process. */
export async function forwardPort(name: string, host: string, port: number): Promise<ForwardedPort> {
  const socket = join(RUN, `${name}.sock`);
  const relay = `relay-${name}`;
  await stopProcess(relay);
  rmSync(socket, { force: true });
  startProcess({
    name: relay,
    command: process.execPath,
    args: [RELAY, host, String(port), socket],
  });
  await waitFor(() => Promise.resolve(existsSync(socket)), { what: `${relay} listens`, timeoutSeconds: 20 });
  const server = createServer((client) => {
    const upstream = connect(socket);
    client.pipe(upstream).pipe(client);
    client.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
    upstream.on('error', () => client.destroy()).on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close();
      await stopProcess(relay);
    },
  };
}
