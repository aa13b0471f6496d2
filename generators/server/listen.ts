import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What a connection may take, so that nobody holds the server by being slow. In milliseconds and numbers. */
export interface Bounds {
  readonly headers: number;
  /** Until the whole of a request was received; not until it is answered. */
  readonly request: number;
  readonly keepAlive: number;
  readonly connections: number;
  /** How often it is looked after headers and requests. */
  readonly check: number;
}

export const BOUNDS: Bounds = {
  headers: 10_000,
  request: 20_000,
  // Longer than a proxy keeps one, which would otherwise send into a connection that is just being closed.
  keepAlive: 75_000,
  connections: 2048,
  check: 1000,
};

const HEADER_BYTES = 16_384;

export interface Listening {
  readonly port: number;
  /** Takes no more connections; those that are answered end, at the latest when the signal is aborted. */
  readonly close: (signal: AbortSignal) => Promise<void>;
}

/** @param address undefined for every address of the machine */
export async function listen(
  handler: RequestListener,
  port: number,
  address?: string,
  bounds: Bounds = BOUNDS,
): Promise<Listening> {
  const server = createServer(
    {
      headersTimeout: bounds.headers,
      requestTimeout: bounds.request,
      keepAliveTimeout: bounds.keepAlive,
      connectionsCheckingInterval: bounds.check,
      maxHeaderSize: HEADER_BYTES,
    },
    handler,
  );
  server.maxConnections = bounds.connections;
  const idle = trackIdle(server);
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.once('error', reject);
  server.listen(port, address, () => {
    resolve(undefined);
  });
  await promise;
  return { port: (server.address() as AddressInfo).port, close: (signal) => closing(server, idle, signal) };
}

/** The connections on which nothing is being answered; those too that have not asked anything yet, of which Node's own list knows nothing. */
function trackIdle(server: Server): Set<Socket> {
  const idle = new Set<Socket>();
  server.on('connection', (socket) => {
    idle.add(socket);
    socket.once('close', () => idle.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    idle.delete(socket);
    response.once('close', () => {
      if (!server.listening) socket.destroySoon();
      else if (!socket.destroyed) idle.add(socket);
    });
  });
  return idle;
}

async function closing(server: Server, idle: ReadonlySet<Socket>, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  server.close(() => {
    resolve(undefined);
  });
  for (const socket of idle) socket.destroy();
  const cut = (): void => {
    server.closeAllConnections();
  };
  if (signal.aborted) cut();
  signal.addEventListener('abort', cut, { once: true });
  await promise;
}
