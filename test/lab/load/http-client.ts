import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { errorCode } from './error-code.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly version: string | undefined;
  readonly sqlstate: string | undefined;
  readonly body: string;
  /** The request was sent again on a new connection. */
  readonly resent: boolean;
}

export interface HttpClient {
  readonly connection: 'kept' | 'fresh';
  /** @throws Error of the connection, when there was no whole answer. */
  readonly call: (method: 'GET' | 'POST' | 'PUT', path: string, body?: object) => Promise<HttpAnswer>;
}

/** Above what the application takes for a connection. */
const TIMEOUT_MILLISECONDS = 20_000;

/** One client: with one connection that it keeps, or with a new one for every request. */
export function httpClient(target: string, connection: 'kept' | 'fresh'): HttpClient {
  const agent = new Agent({ keepAlive: connection === 'kept', maxSockets: 1 });
  return {
    connection,
    call: async (method, path, body) => {
      const send = (): ClientRequest => start(new URL(path, target), method, agent, body);
      const first = send();
      try {
        return await answerOf(await responseTo(first), false);
      } catch (error) {
        if (method !== 'GET' || !closedWhileIdle(first, error)) throw error;
      }
      return answerOf(await responseTo(send()), true);
    },
  };
}

/**
 * A server may close an idle connection at the very moment that the client uses it. A client sends a request that
 * changes nothing again then, once (RFC 9112 §9.3.1). A write is never sent again: it may have been done.
 */
const closedWhileIdle = (sent: ClientRequest, error: unknown): boolean =>
  sent.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(errorCode(error) ?? '');

function start(url: URL, method: string, agent: Agent, body: object | undefined): ClientRequest {
  const content = body ? JSON.stringify(body) : '';
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) };
  return request(url, { method, agent, headers, timeout: TIMEOUT_MILLISECONDS }).end(content);
}

const responseTo = (sent: ClientRequest): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    sent.once('response', resolve).once('error', reject);
    sent.once('timeout', () => sent.destroy(new Error(`no answer in ${TIMEOUT_MILLISECONDS} ms`)));
  });

async function answerOf(response: IncomingMessage, resent: boolean): Promise<HttpAnswer> {
  const { statusCode = 0, headers } = response;
  const header = (name: string): string | undefined => [headers[name]].flat()[0];
  return {
    status: statusCode,
    version: header('x-bestie-version'),
    sqlstate: header('x-bestie-sqlstate'),
    body: await text(response),
    resent,
  };
}
