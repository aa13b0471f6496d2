import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Pool } from 'pg';
import { failure, type Answer } from './answer.ts';
import { log } from './log.ts';
import { petsOf } from './pets.ts';
import { whyNotReady } from './readiness.ts';
import { respond, type Application } from './routes.ts';
import type { Settings } from './settings.ts';

export interface Service {
  readonly port: number;
  /**
   * Ends the service without cutting anything off; resolves when the last answer is out and the pool is closed.
   * New connections are taken until `lameDuck` is over: a proxy learns later than the process that the endpoint is gone.
   */
  readonly drain: (lameDuck?: Promise<unknown>) => Promise<void>;
}

const MAX_BODY_BYTES = 64 * 1024;

async function answerTo(application: Application, request: IncomingMessage): Promise<Answer> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES || request.headers['transfer-encoding']) {
    return failure(413, { sqlstate: undefined, message: `a body has a content-length of at most ${MAX_BODY_BYTES}` });
  }
  const path = new URL(request.url ?? '/', 'http://bestie').pathname;
  const answer = await respond(application, { method: request.method ?? '', path, body: await text(request) });
  if (answer.status >= 500) log('answered', { method: request.method, path, ...answer });
  return answer;
}

function send(response: ServerResponse, version: string, { status, body, sqlstate }: Answer, close: boolean): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'x-bestie-version': version,
    ...(sqlstate === undefined ? {} : { 'x-bestie-sqlstate': sqlstate }),
    ...(close ? { connection: 'close' } : {}),
  });
  response.end(`${JSON.stringify(body)}\n`);
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, resolve));
  return (server.address() as AddressInfo).port;
}

/** Starts the service; port 0 takes any that is free. It need not find a database: readiness says whether there is one. */
export async function serve({ version, database, port }: Settings): Promise<Service> {
  const pool = new Pool({ ...database, max: 8, idleTimeoutMillis: 30_000 });
  pool.on('error', ({ message }) => {
    log('idle connection lost', { message });
  });
  let draining = false;
  const application: Application = {
    version: version.name,
    pets: petsOf({ pool, config: database }, version),
    whyNotReady: async () => (draining ? 'draining' : whyNotReady({ pool, config: database }, version)),
  };
  const server = createServer((request, response) => {
    answerTo(application, request).then(
      (answer) => {
        send(response, version.name, answer, draining);
      },
      // The client went away while it sent its body.
      () => response.destroy(),
    );
  });
  // Longer than any client keeps an idle connection, so that it is the client who closes.
  server.keepAliveTimeout = 75_000;
  const bound = await listen(server, port);
  log('serving', { version: version.name, port: bound });
  return {
    port: bound,
    drain: async (lameDuck) => {
      draining = true;
      await lameDuck;
      await new Promise((resolve) => server.close(resolve));
      await pool.end();
      log('drained');
    },
  };
}
