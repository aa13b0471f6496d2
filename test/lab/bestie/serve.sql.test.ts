import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { waitFor } from '../wait-for.ts';
import { startTestbed, USER, type Testbed } from './testbed.ts';
import type { VersionName } from './versions.ts';

let bed: Testbed;
beforeAll(async () => {
  bed = await startTestbed();
}, 60_000);
afterAll(() => bed.stop());

interface Reply {
  readonly status: number;
  readonly version: string | null;
  readonly sqlstate: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

async function call(port: number, method: string, path: string, body?: object): Promise<Reply> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return {
    status: response.status,
    version: response.headers.get('x-bestie-version'),
    sqlstate: response.headers.get('x-bestie-sqlstate'),
    body: (await response.json()) as Reply['body'],
  };
}

const setReadOnly = (database: string): Promise<unknown> =>
  bed.asSuperuser('postgres', (client) =>
    client.query(`ALTER ROLE ${USER} IN DATABASE ${database} SET default_transaction_read_only = on`),
  );

/** Ends the application's sessions that match; resolves with how many there were. */
const endSessions = (database: string, condition = 'true'): Promise<number> =>
  bed.asSuperuser('postgres', async (client) => {
    const { rows } = await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = $1 AND usename = $2 AND (${condition})`,
      [database, USER],
    );
    return rows.length;
  });

async function database(schema: VersionName | 'none', rows = 10): Promise<string> {
  const name = await bed.createDatabase();
  if (schema !== 'none') await bed.migrate(schema, name, { BESTIE_SEED_ROWS: String(rows) });
  return name;
}

async function running(version: VersionName, rows = 10): Promise<{ readonly port: number; readonly name: string }> {
  const name = await database(version, rows);
  return { port: (await bed.serve(version, name)).port, name };
}

describe('readiness', () => {
  test.each([
    ['1.3', 'none', 503, '42P01'],
    ['1.3', '1.3', 200, undefined],
    ['1.3', '1.4', 503, 'the database has schema 1.4, this version needs 1.3'],
    ['1.4', 'none', 503, '42P01'],
    ['1.4', '1.3', 503, 'the database has schema 1.3, this version needs 1.4'],
    ['1.4', '1.4', 200, undefined],
  ] as const)('%s on a database with schema %s answers %i', async (version, schema, status, reason) => {
    const name = await database(schema);
    await setReadOnly(name);
    const { port } = await bed.serve(version, name);
    const reply = await call(port, 'GET', '/foster');
    expect(reply).toMatchObject({ status, version });
    expect(String(reply.body['reason'])).toContain(String(reason));
    expect((await call(port, 'GET', '/')).status).toBe(200);
  });

  test('a recorded version without its columns is not enough', async () => {
    const { port, name } = await running('1.3');
    await bed.asSuperuser(name, (client) => client.query('ALTER TABLE bestie.pets RENAME name TO other'));
    const reply = await call(port, 'GET', '/foster');
    expect(reply.status).toBe(503);
    expect(reply.body['reason']).toContain('42703');
  });

  test('a database that is not there is a reason, without the password', async () => {
    const { port } = await bed.serve('1.3', 'nowhere');
    const reply = await call(port, 'GET', '/foster');
    expect(reply.status).toBe(503);
    expect(JSON.stringify(reply)).not.toContain('not-to-be-seen');
  });
});

describe('pets', () => {
  test.each(['1.3', '1.4'] as const)('%s inserts, updates, reads and counts', async (version) => {
    const { port } = await running(version);
    const inserted = await call(port, 'POST', '/pets', { token: 't1', name: 'Rex' });
    expect(inserted).toMatchObject({ status: 201, body: { id: 11, seq: 0 } });
    expect(await call(port, 'PUT', '/pets/11', { name: 'Max', seq: 2 })).toMatchObject({
      status: 200,
      body: { seq: 2 },
    });
    const pet = { id: 11, token: 't1', name: 'Max', seq: 2 };
    expect(await call(port, 'GET', '/pets/11')).toEqual({ status: 200, version, sqlstate: null, body: pet });
    expect((await call(port, 'GET', '/pets/count')).body).toEqual({ count: 11 });
  });

  test('an update that was overtaken changes nothing', async () => {
    const { port } = await running('1.3');
    await call(port, 'PUT', '/pets/1', { name: 'new', seq: 5 });
    expect((await call(port, 'PUT', '/pets/1', { name: 'old', seq: 4 })).status).toBe(404);
    expect((await call(port, 'GET', '/pets/1')).body).toMatchObject({ name: 'new', seq: 5 });
  });

  test.each([
    ['a token twice', 'POST', '/pets', { token: 'seed-1', name: 'x' }, 409],
    ['an unknown field', 'POST', '/pets', { token: 'a', name: 'x', more: 1 }, 400],
    ['no such pet', 'GET', '/pets/999', undefined, 404],
    ['no such path', 'GET', '/nothing', undefined, 404],
    ['too large', 'POST', '/pets', { token: 'a', name: 'x'.repeat(70_000) }, 413],
  ] as const)('%s is refused', async (_, method, path, body, status) => {
    const { port } = await running('1.3');
    expect(await call(port, method, path, body)).toMatchObject({ status, version: '1.3' });
  });
});

describe('a database that is closed to writes', () => {
  test('reads go on, a write is refused with 25006, readiness stays', async () => {
    const { port, name } = await running('1.3');
    await setReadOnly(name);
    await endSessions(name);
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
    const { port, name } = await running('1.3');
    await bed.asSuperuser(name, async (client) => {
      await client.query(`ALTER ROLE ${USER} IN DATABASE ${name} SET lock_timeout = '100ms'`);
      await endSessions(name);
      await client.query('BEGIN; LOCK TABLE bestie.pets IN SHARE MODE');
      const reply = await call(port, 'POST', '/pets', { token: 't', name: 'x' });
      expect(reply).toMatchObject({ status: 503, sqlstate: '55P03' });
      expect((await call(port, 'GET', '/pets/count')).body).toEqual({ count: 10 });
      await client.query('ROLLBACK');
    });
    expect((await call(port, 'GET', '/pets/count')).body).toEqual({ count: 10 });
  });

  test('a login that is refused is 503', async () => {
    const { port, name } = await running('1.3');
    await bed.asSuperuser('postgres', (client) =>
      client.query(`REVOKE CONNECT ON DATABASE ${name} FROM public, ${USER}`),
    );
    await endSessions(name);
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
    const { port, name } = await running('1.3');
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
    const { port, name } = await running('1.3');
    await holdCommits(name);
    await bed.asSuperuser(name, async (client) => {
      await client.query('SELECT pg_advisory_lock(42)');
      const reply = call(port, 'POST', '/pets', { token: 't', name: 'x' });
      await waitFor(() => waitsInCommit(name), { what: 'the COMMIT waits', timeoutSeconds: 10 });
      expect(await endSessions(name, "query = 'COMMIT'")).toBe(1);
      expect(await reply).toMatchObject({ status: 504, sqlstate: '57P01' });
    });
  });
});

describe('a session that is ended', () => {
  /** Readers of `bestie.pets` wait behind this lock. */
  const whileTableIsLocked = (name: string, work: () => Promise<void>): Promise<void> =>
    bed.asSuperuser(name, async (client) => {
      await client.query('BEGIN; LOCK TABLE bestie.pets IN ACCESS EXCLUSIVE MODE');
      await work();
      await client.query('ROLLBACK');
    });
  /** The backend that waits for the lock, other than `not`. */
  const waiter = (name: string, not = 0): Promise<number> =>
    waitFor(
      () =>
        bed.asSuperuser(name, async (client) => {
          const { rows } = await client.query<{ pid: number }>(
            "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock' AND pid <> $2",
            [name, not],
          );
          return rows[0]?.pid;
        }),
      { what: 'a query waits', timeoutSeconds: 10 },
    );

  test('under a read: the read is tried once more and answered', async () => {
    const { port, name } = await running('1.3');
    let reply: Promise<Reply> | undefined;
    await whileTableIsLocked(name, async () => {
      reply = call(port, 'GET', '/pets/1');
      const first = await waiter(name);
      await endSessions(name, `pid = ${first}`);
      await waiter(name, first);
    });
    expect((await reply)?.status).toBe(200);
  });

  test('under a read, twice: 503 with its SQLSTATE', async () => {
    const { port, name } = await running('1.3');
    await whileTableIsLocked(name, async () => {
      const reply = call(port, 'GET', '/pets/1');
      const first = await waiter(name);
      await endSessions(name, `pid = ${first}`);
      await endSessions(name, `pid = ${await waiter(name, first)}`);
      expect(await reply).toMatchObject({ status: 503, sqlstate: '57P01' });
    });
  });

  test('all of a busy pool: no read fails', async () => {
    const { port, name } = await running('1.3', 1000);
    const read = (): Promise<number> => call(port, 'GET', '/pets/count').then(({ status }) => status);
    for (let round = 0; round < 5; round += 1) {
      const reads = Array.from({ length: 40 }, read);
      await Promise.race(reads);
      expect(await endSessions(name)).toBeGreaterThan(0);
      expect(await Promise.all(reads)).toEqual(Array.from({ length: 40 }, () => 200));
    }
  });

  test('before its COMMIT: the write is refused, and not there', async () => {
    const { port, name } = await running('1.3');
    await whileTableIsLocked(name, async () => {
      const reply = call(port, 'POST', '/pets', { token: 't', name: 'x' });
      await endSessions(name, `pid = ${await waiter(name)}`);
      expect(await reply).toMatchObject({ status: 503, sqlstate: '57P01' });
    });
    expect((await call(port, 'GET', '/pets/count')).body).toEqual({ count: 10 });
  });
});
