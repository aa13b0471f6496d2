import { describe, expect, jest, test } from '@jest/globals';
import { readyToCommit } from '../../../../test/lab/postgres/ready-to-commit.ts';
import { refusal } from '../../../../test/lab/postgres/refusal.ts';
import { Switch, until } from '../../../../test/lab/postgres/switch.ts';
import { useTemplate } from '../../../../test/lab/postgres/use-template.ts';
import { textOf } from '../../../errors/text-of.ts';
import { commit } from './commit.ts';

jest.setTimeout(180_000);

const template = useTemplate();

const WRITE = "INSERT INTO t0 (writer) VALUES ('x')";
/** How a commit ended that may be refused. */
const outcome = (it: Switch): Promise<string> => commit(it.context()).then(() => 'committed', textOf);

test('without a green that takes writes nothing is committed', async () => {
  const { it, green } = await readyToCommit(template());
  try {
    await green.stop();
    expect(await outcome(it)).toMatch(/^green-unavailable/);
    await until('blue is open again', () => it.decision.unfenced !== undefined, 60);
    expect(it.namespace.serves('bestie')).toBe('bestie');
    expect(await refusal(it.blue, 'bestie', [WRITE])).toBe('accepted');
  } finally {
    await it.close();
  }
});

test('a green that answers no COMMIT is not committed', async () => {
  const { it, green } = await readyToCommit(template());
  try {
    await green.sql("ALTER SYSTEM SET synchronous_standby_names = 'gone'");
    await green.sql('SELECT pg_reload_conf()');
    expect(await outcome(it)).toMatch(/^green-unavailable: .*no answer/);
    await until('blue is open again', () => it.decision.unfenced !== undefined, 60);
    expect(it.decision.committedAt).toBeUndefined();
    expect(await refusal(it.blue, 'bestie', [WRITE])).toBe('accepted');
  } finally {
    await it.close();
  }
});

test('but the application may have said that it waits for no standby', async () => {
  const it = await Switch.open(template());
  try {
    await it.blue.sql('ALTER ROLE bestie SET synchronous_commit = local');
    await it.fenced();
    const green = await it.green();
    await green.sql("ALTER SYSTEM SET synchronous_standby_names = 'gone'");
    await green.sql('SELECT pg_reload_conf()');
    await commit(it.context());
    expect(await refusal(green, 'bestie', [WRITE])).toBe('accepted');
  } finally {
    await it.close();
  }
});

describe('what came between preflight and the fence ends the window at once', () => {
  test.each<readonly [string, string, string, RegExp]>([
    [
      'a read-only setting',
      'ALTER ROLE bestie SET default_transaction_read_only = on',
      'postgres',
      /^guard-failed: .*ALTER ROLE "bestie" RESET default_transaction_read_only$/,
    ],
    [
      'an unlogged table that was empty',
      'CREATE UNLOGGED TABLE filled AS SELECT 1 AS n',
      'second',
      /^guard-failed: table public.filled in database second is unlogged and has rows/,
    ],
  ])('%s', async (_what, change, database, reason) => {
    const it = await Switch.open(template());
    try {
      await it.blue.sql(change, database);
      it.keeper();
      await until('blue is open again', () => it.decision.unfenced !== undefined, 60);
      expect(it.decision.reason).toMatch(reason);
    } finally {
      await it.close();
    }
  });
});

describe('C2: what is other than equal under the locks aborts', () => {
  test.each<readonly [string, (it: Switch) => Promise<unknown>, RegExp]>([
    [
      'a sequence moved on',
      (it) => override(it, "SELECT nextval('t0_id_seq')"),
      /blue-changed: since the fence: sequences/,
    ],
    [
      'a table was made',
      (it) => override(it, 'CREATE TABLE late (n int)'),
      /blue-changed: table public.late in database bestie was made since/,
    ],
    [
      'a role changed its password',
      (it) => override(it, "ALTER ROLE bestie PASSWORD 'other'"),
      /blue-changed.*pg_authid/,
    ],
    [
      'a role changed its settings',
      (it) => override(it, "ALTER ROLE bestie SET work_mem = '9MB'"),
      /pg_db_role_setting/,
    ],
    [
      'the keeper lost a lock-holding connection and its locks were free for a moment',
      loseAHolder,
      /fence-lost|aborted/,
    ],
  ])('%s', async (_what, change, message) => {
    const { it, green } = await readyToCommit(template());
    try {
      await change(it);
      expect(await outcome(it)).toMatch(message);
      await until('blue is open again', () => it.decision.unfenced !== undefined, 60);
      expect(it.decision.state).toBe('Aborted');
      expect(it.namespace.serves('bestie')).toBe('bestie');
      expect(await refusal(green, 'bestie', ['SELECT 1'])).toBe('28000');
    } finally {
      await it.close();
    }
  });

  const override = (it: Switch, statement: string): Promise<unknown> =>
    refusal(it.blue, 'bestie', ['SET default_transaction_read_only = off', statement]).then((state) => {
      expect(state).toBe('accepted');
    });

  async function loseAHolder(it: Switch): Promise<void> {
    await it.blue.sql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'lifecycle-lock-%' AND datname = 'second'`,
    );
  }
});
