import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readiness } from '../fence/keeper/keeper.ts';

/** What kubelet asks the keeper: `/readyz` 200 when ready, else 503; `/healthz` 200 while the process lives. */
export async function serveReadiness(port: number): Promise<{
  readonly readiness: Readiness;
  readonly port: number;
  close(): Promise<void>;
}> {
  let ready = false;
  const server = createServer(({ url }, response) => {
    const status = url === '/healthz' || (url === '/readyz' && ready) ? 200 : url === '/readyz' ? 503 : 404;
    response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' }).end(`${status}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, resolve);
  });
  return {
    readiness: {
      set: (value) => {
        ready = value;
      },
    },
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      }),
  };
}
