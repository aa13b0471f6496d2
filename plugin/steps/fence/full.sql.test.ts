import { expect, jest, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { Instance } from '../../../test/lab/postgres/instance.ts';
import { stateOf } from '../../../test/lab/postgres/refusal.ts';
import { Switch } from '../../../test/lab/postgres/switch.ts';
import { useTemplate } from '../../../test/lab/postgres/use-template.ts';
import { waitFor } from '../../../test/lab/wait-for.ts';
import { commit } from './commit/commit.ts';

jest.setTimeout(120_000);

const template = useTemplate();

/** An application whose pools take every connection that there is, and each that becomes free. */
class Greedy {
  refused = 0;
  readonly #stop = new AbortController();
  readonly #stopped = new Promise((resolve) => {
    this.#stop.signal.addEventListener('abort', resolve);
  });
  readonly #pools: readonly Promise<void>[];

  constructor(blue: Instance, pools: number) {
    this.#pools = Array.from({ length: pools }, () => this.#fill(blue));
  }

  async #fill(blue: Instance): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const client = await blue.client('bestie').catch(stateOf);
      if (typeof client === 'string') {
        if (client === '53300') this.refused += 1;
        await delay(100);
        continue;
      }
      await Promise.race([new Promise((resolve) => client.once('end', resolve)), this.#stopped]);
      await client.end().catch(() => undefined);
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#pools);
  }
}

test('an application that takes every connection does not stand in the way: the steps use those kept for superusers', async () => {
  const it = await Switch.open(template(), {}, { max_connections: '25', superuser_reserved_connections: '13' });
  const greedy = new Greedy(it.blue, 14);
  try {
    await waitFor(() => Promise.resolve(greedy.refused > 0), { what: 'the server is full', timeoutSeconds: 20 });
    await it.fenced();
    await it.green();
    await commit(it.context());
    expect(it.decision).toMatchObject({ state: 'Committed', blueClosed: expect.any(String) });
  } finally {
    await greedy.stop();
    await it.close();
  }
});
