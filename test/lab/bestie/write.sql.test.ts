import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { waitFor } from '../wait-for.ts';
import { call } from './testbed-call.ts';
import { startTestbed, USER, type Testbed } from './testbed.ts';

jest.setTimeout(60_000);

let bed: Testbed;
beforeAll(async () => {
  bed = await startTestbed();
});
afterAll(() => bed.stop());

describe('a database that is closed to writes', () => {
  test('reads go on, a write is refused with 25006, readiness stays', async () => {
    const { port, name } = await bed.running('1.3');
    await bed.setReadOnly(name);
    await bed.endSessions(name);
    expect(await call(port, 'POST', '/pets', { token: 't', name: 'x' })).toMatchObject({
      status: 503,
      sqlstate: '25006',
    });
    expect(await call(port, 'PUT', '/pets/1', { name: 'x', seq: 1 })).toMatchObject({ status: 503, sqlstate: '25006' });
    expect((await call(port, 'GET', '/pets/1')).status).toBe(200);
    expect((await call(port, 'GET', '/foster')).status).toBe(200);
    expect((await call(port, 'GET', '/pets/count')).body).toEqual({ count: 10 });
  });

  test('a write that waits for a lock too long is refused with 55P03, and not committed', async () => {
    const { port, name } = await bed.running('1.3');
    await bed.asSuperuser(name, async (client) => {
      await client.query(`ALTER ROLE ${USER} IN DATABASE ${name} SET lock_timeout = '100ms'`);
      await bed.endSessions(name);
      await client.query('BEGIN; LOCK TABLE bestie.pets IN SHARE MODE');
      const reply = await call(port, 'POST', '/pets', { token: 't', name: 'x' });
      expect(reply).toMatchObject({ status: 503, sqlstate: '55P03' });
      expect((await call(port, 'GET', '/pets/count')).body).toEqual({ count: 10 });
      await client.query('ROLLBACK');
    });
    expect((await call(port, 'GET', '/pets/count')).body).toEqual({ count: 10 });
  });

  test('a login that is refused is 503', async () => {
    const { port, name } = await bed.running('1.3');
    await bed.asSuperuser('postgres', (client) =>
      client.query(`REVOKE CONNECT ON DATABASE ${name} FROM public, ${USER}`),
    );
    await bed.endSessions(name);
    expect(await call(port, 'POST', '/pets', { token: 't', name: 'x' })).toMatchObject({
      status: 503,
      sqlstate: '42501',
    });
  });
});

/** Makes every COMMIT of an insert wait in a deferred trigger until the superuser's lock is released. */
const holdCommits = (name: string): Promise<unknown> =>
  bed.asSuperuser(name, (client) =>
    client.query(`
      CREATE FUNCTION bestie.hold() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_advisory_xact_lock(42); RETURN NULL; END';
      CREATE CONSTRAINT TRIGGER hold AFTER INSERT ON bestie.pets DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION bestie.hold()`),
  );

const waitsInCommit = (name: string): Promise<boolean> =>
  bed.asSuperuser(name, async (client) => {
    const { rows } = await client.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = $1 AND usename = $2 AND query = 'COMMIT' AND wait_event = 'advisory'`,
      [name, USER],
    );
    return rows.length === 1;
  });

describe('acknowledgement', () => {
  test('comes only after COMMIT', async () => {
    const { port, name } = await bed.running('1.3');
    await holdCommits(name);
    await bed.asSuperuser(name, async (client) => {
      await client.query('SELECT pg_advisory_lock(42)');
      let answered = false;
      const reply = call(port, 'POST', '/pets', { token: 't', name: 'x' }).finally(() => (answered = true));
      await waitFor(() => waitsInCommit(name), { what: 'the COMMIT waits', timeoutSeconds: 10 });
      expect(answered).toBe(false);
      await client.query('SELECT pg_advisory_unlock(42)');
      expect((await reply).status).toBe(201);
    });
  });

  test('is not given when the session ends during COMMIT: nobody knows', async () => {
    const { port, name } = await bed.running('1.3');
    await holdCommits(name);
    await bed.asSuperuser(name, async (client) => {
      await client.query('SELECT pg_advisory_lock(42)');
      const reply = call(port, 'POST', '/pets', { token: 't', name: 'x' });
      await waitFor(() => waitsInCommit(name), { what: 'the COMMIT waits', timeoutSeconds: 10 });
      expect(await bed.endSessions(name, "query = 'COMMIT'")).toBe(1);
      expect(await reply).toMatchObject({ status: 504, sqlstate: '57P01' });
    });
  });
});
