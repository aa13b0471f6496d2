import { expect, test } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import type { Status } from '../lifecycle/status.ts';
import type { Ledger } from '../steps/ports/ports.ts';
import { createLedger } from './ledger.ts';
import { answerWith, apiStub, refuseWith, type Received } from './testing-server.ts';

/** A Lifecycle as the API server keeps it: a status is only replaced on the version that the request names. */
class StoredLifecycle {
  version = 1;
  status: Status = {};
  readonly spec = { traffic: { service: 'bestie' } };

  object(): unknown {
    const metadata = { name: 'bestie', uid: 'u', generation: 3, resourceVersion: String(this.version) };
    return {
      apiVersion: 'lifecycle.bestie.com/v1alpha1',
      kind: 'Lifecycle',
      metadata,
      spec: this.spec,
      status: this.status,
    };
  }

  replace({ body }: Received): boolean {
    const sent = body as { metadata: { resourceVersion: string }; status: Status };
    if (sent.metadata.resourceVersion !== String(this.version)) return false;
    this.write(sent.status);
    return true;
  }

  write(status: Status): void {
    this.status = status;
    this.version += 1;
  }
}

async function withLedger(
  onWrite: (stored: StoredLifecycle, request: Received, response: ServerResponse, nth: number) => void,
  use: (ledger: Ledger, stored: StoredLifecycle) => Promise<void>,
): Promise<void> {
  const stored = new StoredLifecycle();
  let writes = 0;
  const stub = await apiStub((request, response) => {
    if (request.method === 'GET') answerWith(response, stored.object());
    else onWrite(stored, request, response, (writes += 1));
  });
  try {
    await use(createLedger(stub.api, 'bestie'), stored);
  } finally {
    await stub.close();
  }
}

function store(stored: StoredLifecycle, request: Received, response: ServerResponse): void {
  if (stored.replace(request)) answerWith(response, stored.object());
  else refuseWith(response, 409, 'the object has been modified');
}

test('writes the status subresource on the version that was read', async () => {
  await withLedger(store, async (ledger, stored) => {
    const { written, view } = await ledger.update(() => ({ phase: 'AtRest' }));
    expect(written).toBe(true);
    expect(view).toEqual({ uid: 'u', generation: 3, labels: {}, annotations: {}, status: { phase: 'AtRest' } });
    expect(stored.status).toEqual({ phase: 'AtRest' });
  });
});

test('a conflict: reads and asks again, on what the other has written', async () => {
  const asked: (string | undefined)[] = [];
  await withLedger(
    (stored, request, response, nth) => {
      if (nth === 1) stored.write({ phase: 'Fenced' });
      store(stored, request, response);
    },
    async (ledger, stored) => {
      await ledger.update(({ status }) => {
        asked.push(status.phase);
        return { ...status, message: 'mine' };
      });
      expect(asked).toEqual([undefined, 'Fenced']);
      expect(stored.status).toEqual({ phase: 'Fenced', message: 'mine' });
    },
  );
});

test('a change that is refused writes nothing', async () => {
  await withLedger(store, async (ledger, stored) => {
    expect(await ledger.update(() => undefined)).toMatchObject({ written: false });
    expect(stored.version).toBe(1);
  });
});

test('a write whose answer was lost counts as written', async () => {
  await withLedger(
    (stored, request, response, nth) => {
      stored.replace(request);
      if (nth === 1) response.destroy();
      else answerWith(response, stored.object());
    },
    async (ledger, stored) => {
      const change = ({ status }: { status: Status }): Status | undefined =>
        status.phase === undefined ? { phase: 'Fenced' } : undefined;
      expect(await ledger.update(change)).toMatchObject({ written: true, view: { status: { phase: 'Fenced' } } });
      expect(stored.version).toBe(2);
    },
  );
});

test('twenty writers at once: every change is in', async () => {
  await withLedger(store, async (ledger, stored) => {
    const add = (n: number) =>
      ledger.update(({ status }) => ({
        ...status,
        message: [...(status.message?.split(',') ?? []), `w${10 + n}`].join(','),
      }));
    await Promise.all(Array.from({ length: 20 }, (_, n) => add(n)));
    expect(stored.status.message?.split(',').sort()).toEqual(Array.from({ length: 20 }, (_, n) => `w${10 + n}`));
  });
});

test('a status that does not fit its schema is refused, not guessed at', async () => {
  await withLedger(store, async (ledger, stored) => {
    stored.write({ steps: 'many' } as unknown as Status);
    await expect(ledger.read()).rejects.toMatchObject({ code: 'ledger-unreadable' });
  });
});
