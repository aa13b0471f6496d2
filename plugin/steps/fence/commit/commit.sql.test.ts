import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Instance } from '../../../../test/lab/postgres/instance.ts';
import { readyToCommit } from '../../../../test/lab/postgres/ready-to-commit.ts';
import { refusal } from '../../../../test/lab/postgres/refusal.ts';
import type { Switch } from '../../../../test/lab/postgres/switch.ts';
import { useTemplate } from '../../../../test/lab/postgres/use-template.ts';
import { waitFor } from '../../../../test/lab/wait-for.ts';
import { BLUE } from '../../testing/world.ts';
import { commit } from './commit.ts';

jest.setTimeout(180_000);

const template = useTemplate();

const WRITE = "INSERT INTO t0 (writer) VALUES ('x')";

describe('a commit', () => {
  let it: Switch;
  let green: Instance;
  let waiting: Promise<string>;

  beforeAll(async () => {
    ({ it, green } = await readyToCommit(template()));
    // A writer that overrides read-only and waits for the lock for ever.
    waiting = refusal(it.blue, 'bestie', ['SET lock_timeout = 0', 'BEGIN READ WRITE', WRITE, 'COMMIT']);
    await waitFor(
      async () =>
        (await it.blue.sql("SELECT FROM pg_stat_activity WHERE usename = 'bestie' AND wait_event_type = 'Lock'"))
          .length > 0,
      { what: 'the writer waits', timeoutSeconds: 20 },
    );
    await commit(it.context());
  });
  afterAll(() => it.close());

  test('C1 gets its locks past a writer that waits, by ending it: it is acknowledged nothing', async () => {
    expect(await waiting).toBe('57P01');
  });

  test('C3 the decision is Committed, in the write that says when', () => {
    expect(it.decision).toMatchObject({ state: 'Committed', committedAt: expect.any(String) });
    expect(it.ledger.status).toMatchObject({ phase: 'Committed' });
  });

  test('C4 green has the settings of before the fence and takes plain writes of every role', async () => {
    expect(await refusal(green, 'bestie', [WRITE])).toBe('accepted');
    expect(await refusal(green, 'reporter', [WRITE])).toBe('accepted');
    const rows = await green.sql<{ settings: string[] }>(
      'SELECT setconfig AS settings FROM pg_db_role_setting ORDER BY 1',
    );
    expect(rows.map(({ settings }) => settings)).toEqual([
      ['default_transaction_read_only=off'],
      ['lock_timeout=7s'],
      ['work_mem=5MB'],
    ]);
  });

  test("C5 the Service selects green, and blue's application pods are gone", async () => {
    expect(it.namespace.serves('bestie')).toBe('bestie2');
    expect(await it.namespace.deployment(BLUE.application)).toMatchObject({ replicas: 0 });
  });

  test("C6 blue's application roles cannot log in, and none of their sessions is left", async () => {
    expect(await refusal(it.blue, 'bestie', ['SELECT 1'])).toBe('28000');
    expect(await refusal(it.blue, 'reporter', ['SELECT 1'])).toBe('28000');
    const left = await it.blue.sql("SELECT FROM pg_stat_activity WHERE usename IN ('bestie', 'reporter')");
    expect(left).toHaveLength(0);
  });

  test('C7 blueClosed is recorded, with the window, its parts and the lost writes; then the locks are let go', async () => {
    expect(it.decision).toMatchObject({ blueClosed: expect.any(String), lostWrites: 0 });
    expect(Object.keys(it.decision.window ?? {})).toEqual(
      expect.arrayContaining(['fence', 'archive', 'clone', 'verify', 'flip', 'drain', 'waves']),
    );
    const locks = "SELECT FROM pg_locks WHERE mode = 'ShareLock' AND locktype = 'relation'";
    const free = await waitFor(async () => (await it.blue.sql(locks)).length === 0, {
      what: 'the keeper has let go',
      timeoutSeconds: 20,
    });
    expect(free).toBe(true);
  });

  test('a retry finds it Committed and changes nothing', async () => {
    const before = it.decision;
    await commit(it.context());
    expect(it.decision).toEqual(before);
  });
});
