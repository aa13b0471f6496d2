import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Instance } from '../../../../test/lab/postgres/instance.ts';
import { Load } from '../../../../test/lab/postgres/load.ts';
import { refusal } from '../../../../test/lab/postgres/refusal.ts';
import { Switch, until, type Keeper } from '../../../../test/lab/postgres/switch.ts';
import { useTemplate } from '../../../../test/lab/postgres/use-template.ts';
import { LifecycleError } from '../../../errors/errors.ts';
import { textOf } from '../../../errors/text-of.ts';
import { abort } from '../abort/abort.ts';
import { waitFor } from '../../../../test/lab/wait-for.ts';
import { commit } from './commit.ts';
import { killedAt } from '../../testing/faults.ts';
import { BLUE, GREEN } from '../../testing/world.ts';
import { openGreen } from './open-green.ts';

jest.setTimeout(180_000);

const template = useTemplate();

const WRITE = "INSERT INTO t0 (writer) VALUES ('x')";
/** How a commit ended that may be refused. */
const outcome = (it: Switch): Promise<string> => commit(it.context()).then(() => 'committed', textOf);

/** One switch up to the commit. */
async function ready(
  more: Parameters<typeof Switch.open>[1] = {},
): Promise<{ it: Switch; keeper: Keeper; green: Instance }> {
  const it = await Switch.open(template(), more);
  try {
    const keeper = await it.fenced();
    return { it, keeper, green: await it.green() };
  } catch (error) {
    await it.close();
    throw error;
  }
}

describe('a commit', () => {
  let it: Switch;
  let green: Instance;
  let waiting: Promise<string>;

  beforeAll(async () => {
    ({ it, green } = await ready());
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
    expect(it.decision).toMatchObject({ blueClosed: expect.any(String) });
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

/** A commit that has flipped the Service and waits for blue's pods to end. */
async function committing(): Promise<Awaited<ReturnType<typeof ready>> & { done: Promise<unknown> }> {
  const all = await ready();
  all.it.namespace.lingering.add(BLUE.name);
  const done = commit(all.it.context());
  done.catch(() => undefined);
  try {
    await until('the Service selects green', () => all.it.decision.flipped !== undefined);
    return { ...all, done };
  } catch (error) {
    await all.it.close();
    throw error;
  }
}

describe("as long as blue's pods have not ended", () => {
  test('green takes no write: who still reads on blue reads what green holds', async () => {
    const { it, green, done } = await committing();
    try {
      await until("blue's application is to end", () => it.lines.some((line) => line.includes('to end')), 20);
      expect(await refusal(green, 'bestie', [WRITE])).toBe('25006');
      expect(await refusal(green, 'bestie', ['SELECT 1'])).toBe('accepted');
      expect(it.decision.greenOpened).toBeUndefined();
      it.namespace.lingering.clear();
      await done;
      expect(await refusal(green, 'bestie', [WRITE])).toBe('accepted');
      const { fencedAt = '', greenOpened = '', windowSeconds } = it.decision;
      expect(windowSeconds).toBeCloseTo((Date.parse(greenOpened) - Date.parse(fencedAt)) / 1000, 3);
    } finally {
      it.namespace.lingering.clear();
      await it.close();
    }
  });

  test('but not for ever: pods that do not end hold up nobody for longer than ten seconds', async () => {
    const { it, green, done } = await committing();
    try {
      await until('green is opened', () => it.decision.greenOpened !== undefined, 25);
      expect(await refusal(green, 'bestie', [WRITE])).toBe('accepted');
      expect(it.decision.blueClosed).toBeUndefined();
      it.namespace.lingering.clear();
      await done;
      expect(it.decision.blueClosed).toBeDefined();
    } finally {
      it.namespace.lingering.clear();
      await it.close();
    }
  });
});

describe('clients that read on green when it is opened', () => {
  const read = (green: Instance, seconds: number): Promise<string> =>
    refusal(green, 'bestie', [`SELECT pg_sleep(${seconds})`]);
  const active = "SELECT FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'";
  const reading = (green: Instance, count: number): Promise<boolean> =>
    waitFor(async () => (await green.sql(active)).length === count, { what: 'clients read', timeoutSeconds: 20 });

  test('finish their statement, within reason', async () => {
    const { it, green, done } = await committing();
    try {
      const [short, long] = [read(green, 1), read(green, 60)];
      await reading(green, 2);
      it.namespace.lingering.clear();
      await done;
      expect(await short).toBe('accepted');
      expect(await long).toBe('57P01');
      expect(await refusal(green, 'bestie', [WRITE])).toBe('accepted');
    } finally {
      it.namespace.lingering.clear();
      await it.close();
    }
  });

  test('are left alone by whoever comes second', async () => {
    const { it, green } = await ready();
    try {
      await commit(it.context());
      const before = it.decision;
      const client = read(green, 2);
      await reading(green, 1);
      await openGreen(it.context(), GREEN);
      expect(await client).toBe('accepted');
      expect(it.decision).toEqual(before);
    } finally {
      await it.close();
    }
  });
});

test('an API server that does not let blue be scaled keeps nobody from writing on green', async () => {
  const { it, green } = await ready();
  it.namespace.scaleDeployment = () => Promise.reject(new LifecycleError('api-failed', 'no replicas: 0 here'));
  try {
    await commit(it.context());
    expect(it.lines).toContainEqual(expect.stringContaining('no replicas: 0 here'));
    expect(await refusal(green, 'bestie', [WRITE])).toBe('accepted');
    expect(it.decision.blueClosed).toBeDefined();
  } finally {
    await it.close();
  }
});

test('without a green that takes writes nothing is committed', async () => {
  const { it, green } = await ready();
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
  const { it, green } = await ready();
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
    const { it, green } = await ready();
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

describe('a commit that is killed after its compare-and-swap', () => {
  // Its calls to Kubernetes: 4 the compare-and-swap, 6 the Service, 7 flipped, 11 blue's application to 0, 13 a look at
  // the ledger before green is opened, 14 greenOpened and the window, 17 a look when blue is closed, 18 blueClosed.
  test.each([
    ['after', 4, 'the keeper'],
    ['after', 4, 'the SyncFail hook'],
    ['before', 6, 'its retry'],
    ['after', 6, 'the SyncFail hook'],
    ['after', 7, 'the keeper'],
    ['after', 11, 'its retry'],
    ['after', 13, 'the keeper'],
    ['before', 14, 'the SyncFail hook'],
    ['after', 14, 'its retry'],
    ['after', 17, 'the keeper'],
    ['before', 18, 'its retry'],
  ] as const)('%s call %i is rolled forward by %s; nothing acknowledged is lost', async (moment, call, by) => {
    const { it, green } = await ready();
    const load = new Load();
    try {
      const fencedAt = Date.parse(it.decision.fence?.lockedAt ?? '');
      for (const way of ['session', 'transaction', 'options'] as const) load.overrider(way, () => it.blue, way);
      await commit(it.context(killedAt({ ledger: it.ledger, cluster: it.namespace }, call, moment))).catch(
        () => undefined,
      );
      expect(it.decision.state).toBe('Committed');
      if (by === 'its retry') await commit(it.context());
      if (by === 'the SyncFail hook') await abort(it.context());
      await until('it is complete', () => it.decision.blueClosed !== undefined, 60);
      await load.stop();
      expect(load.acknowledged.filter(({ at }) => at > fencedAt)).toEqual([]);
      expect(it.namespace.serves('bestie')).toBe('bestie2');
      expect(await refusal(green, 'bestie', [WRITE])).toBe('accepted');
      expect(await refusal(it.blue, 'bestie', ['SELECT 1'])).toBe('28000');
    } finally {
      await load.stop();
      await it.close();
    }
  });
});
