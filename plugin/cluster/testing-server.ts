import { KubeConfig } from '@kubernetes/client-node';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApi, type Api, type ApiOptions } from './api.ts';

/** A request as an API server gets it. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly contentType: string | undefined;
  readonly body: unknown;
}

type Answer = (request: Received, response: ServerResponse) => void;

/** An HTTP server in the API server's place, for what a real one cannot be made to do: fail on purpose. */
export async function apiStub(
  answer: Answer,
): Promise<{ api: Api; server: string; received: Received[]; close(): Promise<void> }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void readRequest(request).then((each) => {
      received.push(each);
      answer(each, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { api: apiAt(port, IMPATIENT), server: `http://127.0.0.1:${port}`, received, close: () => closed(server) };
}

const IMPATIENT = { timeoutMilliseconds: 1000, patienceMilliseconds: 2000 };

/** An API at a port of this machine. */
export function apiAt(port: number, patience: Omit<ApiOptions, 'namespace'>): Api {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'stub', server: `http://127.0.0.1:${port}`, skipTLSVerify: true }],
    users: [{ name: 'nobody', token: 'very-secret-token' }],
    contexts: [{ name: 'stub', cluster: 'stub', user: 'nobody' }],
    currentContext: 'stub',
  });
  return createApi(config, { namespace: 'shop', ...patience });
}

/** A `v1.Status`, as the API server refuses. */
export function refuseWith(response: ServerResponse, code: number, message: string): void {
  answerWith(response, { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code }, code);
}

export function answerWith(response: ServerResponse, object: unknown, code = 200): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(object));
}

export async function readRequest(request: IncomingMessage): Promise<Received> {
  const text = Buffer.concat((await request.toArray()) as Buffer[]).toString('utf8');
  return {
    method: request.method ?? '',
    url: request.url ?? '',
    contentType: request.headers['content-type'],
    body: text === '' ? undefined : JSON.parse(text),
  };
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
