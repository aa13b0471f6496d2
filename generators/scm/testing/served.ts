import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Call {
  readonly method: string;
  /** With its query, decoded. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly text?: string;
}

export interface Served {
  readonly url: string;
  readonly calls: Call[];
  readonly stop: () => Promise<void>;
}

/** An API that answers as told, over HTTP. What nobody told it is 404, as of a host that has no such thing. */
export async function serve(answer: (call: Call, before: number) => Answer | 'cut' | undefined): Promise<Served> {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const call: Call = {
        method: request.method ?? '',
        path: decodeURIComponent(request.url ?? ''),
        headers: request.headers,
        body: text === '' ? undefined : (JSON.parse(text) as unknown),
      };
      const before = calls.filter(({ method, path }) => method === call.method && path === call.path).length;
      calls.push(call);
      const given = answer(call, before) ?? { status: 404, json: { message: 'Not Found' } };
      if (given === 'cut') {
        request.socket.destroy();
        return;
      }
      const type = given.text === undefined ? 'application/json; charset=utf-8' : 'text/plain; charset=utf-8';
      response.writeHead(given.status ?? 200, { 'content-type': type, ...given.headers });
      response.end(given.text ?? JSON.stringify(given.json ?? null));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}
