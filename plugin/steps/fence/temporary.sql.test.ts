import { expect, jest, test } from '@jest/globals';
import type { Instance } from '../../../test/lab/postgres/instance.ts';
import { stateOf } from '../../../test/lab/postgres/refusal.ts';
import { Switch } from '../../../test/lab/postgres/switch.ts';
import { useTemplate } from '../../../test/lab/postgres/use-template.ts';
import { waitFor } from '../../../test/lab/wait-for.ts';
import { commit } from './commit/commit.ts';

jest.setTimeout(120_000);

const template = useTemplate();

type Client = Awaited<ReturnType<Instance['client']>>;

const SCRATCH = 'CREATE TEMPORARY TABLE scratch (id serial PRIMARY KEY, note text DEFAULT current_user)';

async function withScratch(blue: Instance, role: string, begin?: string): Promise<Client> {
  const client = await blue.client(role);
  if (begin !== undefined) await client.query(begin);
  await client.query(SCRATCH);
  await client.query("COMMENT ON TABLE scratch IS 'of one session'");
  return client;
}

test('temporary tables stand in the way of nothing: of before the fence, dropped and made in it, and of blue at its end', async () => {
  const it = await Switch.open(template());
  try {
    const reader = await withScratch(it.blue, 'bestie');
    const ended = new Promise((resolve) => reader.once('end', resolve));
    const read = reader.query('SELECT count(*) FROM scratch, pg_sleep(5)');
    const operator = await withScratch(it.blue, 'postgres');
    await it.fenced();
    expect((await read).rowCount).toBe(1);
    await ended;
    await operator.end();
    const temporary = "SELECT FROM pg_class WHERE relname = 'scratch'";
    await waitFor(async () => (await it.blue.sql(temporary, 'bestie')).length === 0, {
      what: 'the temporary tables are dropped',
      timeoutSeconds: 20,
    });
    const overriding = await withScratch(it.blue, 'bestie', 'SET default_transaction_read_only = off');
    const open = await withScratch(it.blue, 'reporter', 'BEGIN READ WRITE');
    await it.green();
    await commit(it.context());
    expect(it.decision).toMatchObject({ state: 'Committed', blueClosed: expect.any(String) });
    const states = [overriding, open].map((client) => client.query('COMMIT').then(() => 'accepted', stateOf));
    expect(await Promise.all(states)).not.toContain('accepted');
  } finally {
    await it.close();
  }
});
