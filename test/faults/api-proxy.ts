import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { answerWith, readRequest, refuseWith, type Received } from '../../plugin/cluster/testing-server.ts';
import type { Switch } from '../lab/postgres/switch.ts';
import { answerOf } from './api-server.ts';
import { LATE_MILLISECONDS, type Gate } from './gate.ts';
import type { Proxy } from './postgres-proxy.ts';

/** The API server at a port of its own, behind a gate. When it is closed, everything is refused for good. */
export async function apiProxy(gate: Gate, it: Switch): Promise<Proxy> {
  let ended = false;
  const proxy = createServer((request, response) => {
    if (ended) refuseWith(response, 403, 'the process is gone');
    else void handle(gate, it, request, response);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  proxy.unref();
  return {
    port: (proxy.address() as AddressInfo).port,
    close: () => {
      ended = true;
      proxy.closeAllConnections();
    },
  };
}

async function handle(gate: Gate, it: Switch, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const received = await readRequest(request).catch(() => undefined);
  if (!received) return;
  const kind = gate.meet(requestName(received));
  if (kind === 'cut before') request.socket.destroy();
  if (request.socket.destroyed) return;
  await gate.passing();
  const first = await answerOf(it, received);
  const { code, body } = kind === 'twice' ? await answerOf(it, received) : first;
  if (kind === 'cut after') request.socket.destroy();
  if (kind === 'dark after') gate.darken();
  if (kind === 'late') await delay(LATE_MILLISECONDS);
  await gate.passing();
  answerWith(response, body, code);
}

/** A write of the ledger is named after what it says of the decision. */
function requestName({ method, url, body }: Received): string {
  const path = decodeURIComponent(url.replace(/^.*\/namespaces\/[^/]*\//, ''));
  return [method, path, ...ledgerParts(body)].join(' ');
}

const PARTS = ['fence', 'greenUid', 'greenClosed', 'unfenced', 'flipped', 'greenOpened', 'blueClosed'];

function ledgerParts(body: unknown): readonly string[] {
  const { decision } = (body as { status?: { decision?: { state: string } } } | undefined)?.status ?? {};
  return decision ? [decision.state, ...PARTS.filter((part) => part in decision)] : [];
}
