import { describe, expect, jest, test } from '@jest/globals';
import { refusal, stateOf } from '../../../../test/lab/postgres/refusal.ts';
import { startingSession } from '../../../../test/lab/postgres/starting-session.ts';
import { Switch, until } from '../../../../test/lab/postgres/switch.ts';
import { useTemplate } from '../../../../test/lab/postgres/use-template.ts';
import { waitFor } from '../../../../test/lab/wait-for.ts';
import { abort } from './abort.ts';
import { commit } from '../commit/commit.ts';
import { keepWindow } from '../keeper/window.ts';
import type { Ledger } from '../../ports/ports.ts';
import { BLUE, GREEN } from '../../testing/world.ts';

jest.setTimeout(180_000);

const template = useTemplate();

const WRITE = "INSERT INTO t0 (writer) VALUES ('x')";
const SETTINGS = `SELECT setrole::regrole::text AS role, setdatabase, setconfig FROM pg_db_role_setting ORDER BY 1, 2`;

async function during(use: (it: Switch) => Promise<void>, more: Parameters<typeof Switch.open>[1] = {}): Promise<void> {
  const it = await Switch.open(template(), more);
  try {
    await use(it);
  } finally {
    await it.close();
  }
}

async function expectBlueAsBefore(it: Switch, settings: readonly object[]): Promise<void> {
  expect(it.decision).toMatchObject({ state: 'Aborted', unfenced: expect.any(String) });
  expect(await it.blue.sql(SETTINGS)).toEqual(settings);
  expect(await refusal(it.blue, 'bestie', [WRITE])).toBe('accepted');
  expect(await refusal(it.blue, 'reporter', [WRITE])).toBe('accepted');
  expect(it.namespace.serves('bestie')).toBe('bestie');
}

const unfenced = (it: Switch): Promise<unknown> => until('unfenced', () => it.decision.unfenced !== undefined, 90);

describe('the abort hook', () => {
  test('closes green, restores blue exactly, lets go of the locks, ends read-only sessions, records unfenced', () =>
    during(async (it) => {
      const settings = await it.blue.sql(SETTINGS);
      await it.fenced();
      const green = await it.green();
      const pooled = await it.blue.client('bestie');
      const cut = new Promise((resolve) => pooled.once('end', resolve));
      it.failed('migrate', 'migration-failed: exit code 1');
      const evidence = await abort(it.context());
      await cut;
      expect(evidence).toMatchObject({ decision: 'Aborted', reason: expect.stringContaining('migration-failed') });
      await expectBlueAsBefore(it, settings);
      expect(it.decision).toMatchObject({ greenUid: 'uid-bestie2', greenClosed: expect.any(String) });
      expect(it.namespace.abortedBecause(GREEN.cluster)).toContain('migration-failed');
      expect(await refusal(green, 'bestie', ['SELECT 1'])).toBe('28000');
      expect(await commit(it.context()).catch((error: unknown) => String(error))).toContain('aborted');
    }));

  test('runs again without ending the sessions that blue has taken since', () =>
    during(async (it) => {
      await it.fenced();
      await abort(it.context());
      const since = await it.blue.client('bestie');
      await abort(it.context());
      expect((await since.query(WRITE)).rowCount).toBe(1);
      await since.end();
    }));

  test('opens blue again although green cannot be reached, and the keeper closes green when it can', () =>
    during(async (it) => {
      await it.fenced();
      const green = await it.green();
      await green.stop();
      await abort(it.context());
      expect(it.decision).toMatchObject({ unfenced: expect.any(String) });
      expect(it.decision.greenClosed).toBeUndefined();
      expect(await refusal(it.blue, 'bestie', [WRITE])).toBe('accepted');
      await green.start();
      await until('green is closed', () => it.decision.greenClosed !== undefined, 60);
      expect(await refusal(green, 'bestie', ['SELECT 1'])).toBe('28000');
    }));

  test('opens blue again although the API server never answers about green', () =>
    during(async (it) => {
      const settings = await it.blue.sql(SETTINGS);
      await it.fenced();
      await it.green();
      it.namespace.postgresCluster = () => new Promise(() => undefined);
      await abort(it.context());
      await expectBlueAsBefore(it, settings);
      expect(it.lines.some((line) => line.includes('the API server does not answer'))).toBe(true);
    }));

  test('opens blue within its bound when green lets in and its ALTER ROLE hangs', () =>
    during(async (it) => {
      await it.fenced();
      const green = await it.green();
      const inTheWay = await green.client('postgres', 'postgres');
      await inTheWay.query('BEGIN');
      await inTheWay.query('LOCK TABLE pg_authid IN SHARE MODE');
      await abort(it.context());
      expect(it.decision).toMatchObject({ unfenced: expect.any(String) });
      expect(it.decision.greenClosed).toBeUndefined();
      expect(await refusal(it.blue, 'bestie', [WRITE])).toBe('accepted');
      await inTheWay.end();
    }));

  test('closes green although its synchronous standby is gone', () =>
    during(async (it) => {
      await it.fenced();
      const green = await it.green();
      await green.sql("ALTER SYSTEM SET synchronous_standby_names = 'gone'");
      await green.sql('SELECT pg_reload_conf()');
      await abort(it.context());
      expect(it.decision).toMatchObject({ unfenced: expect.any(String), greenClosed: expect.any(String) });
    }));

  test('that opened blue and cannot say so lets the keeper say it', () =>
    during(async (it) => {
      // Two that are at it do it in any order.
      await (await it.fenced()).kill();
      await expect(abort(it.context({ ledger: silentOnceAborted(it) }))).rejects.toThrow(
        'the API server did not answer',
      );
      expect(it.decision).toMatchObject({ state: 'Aborted' });
      expect(it.decision.unfenced).toBeUndefined();
      it.keeper();
      await unfenced(it);
      expect(await refusal(it.blue, 'bestie', [WRITE])).toBe('accepted');
    }));

  test('with a decision that is only Open records Aborted and touches nothing', () =>
    during(async (it) => {
      const client = await it.blue.client('bestie');
      await abort(it.context());
      expect(it.decision).toMatchObject({ state: 'Aborted', unfenced: expect.any(String) });
      expect((await client.query(WRITE)).rowCount).toBe(1);
      await client.end();
    }));

  test('without a decision does nothing', () =>
    during(async (it) => {
      it.write({});
      expect(await abort(it.context())).toEqual({ decision: 'none' });
    }));
});

/** Answers no write any more once the abort is decided. */
const silentOnceAborted = ({ ledger }: Switch): Ledger => ({
  read: () => ledger.read(),
  update: (change) =>
    ledger.status.decision?.state === 'Aborted' ? new Promise(() => undefined) : ledger.update(change),
});

/** A ledger whose answer to Open → Fenced comes after something else has happened. */
function lateAnswer({ ledger }: Switch, meanwhile: () => Promise<unknown>): Ledger {
  let once = false;
  return {
    read: () => ledger.read(),
    update: async (change) => {
      const result = await ledger.update(change);
      if (!once) {
        once = true;
        await meanwhile();
      }
      return result;
    },
  };
}

test('a keeper that learns late that it is Fenced leaves blue as the abort has left it', () =>
  during(async (it) => {
    const settings = await it.blue.sql(SETTINGS);
    const ledger = lateAnswer(it, () => abort(it.context()));
    await keepWindow(it.context({ ledger }), () => undefined);
    await expectBlueAsBefore(it, settings);
  }));

test.each([
  { by: 'the budget', because: 'window-over-budget', options: { windowBudgetSeconds: 2 }, asked: false },
  { by: 'SIGTERM', because: 'the keeper was asked to end', options: {}, asked: true },
])('$by ends a window whose fence is still being raised, on connections that say nothing', (end) =>
  during(async (it) => {
    const settings = await it.blue.sql(SETTINGS);
    const asked = new AbortController();
    const stopped: number[] = [];
    const ledger = lateAnswer(it, async () => {
      const name = `lifecycle-window-${it.request.digest}`;
      const pids = await it.blue.sql<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE application_name = '${name}'`,
      );
      for (const { pid } of pids) {
        process.kill(pid, 'SIGSTOP');
        stopped.push(pid);
      }
      if (end.asked) asked.abort();
    });
    try {
      await keepWindow(it.context({ ledger, signal: asked.signal }), () => undefined);
      expect(stopped).toHaveLength(1);
      expect(it.decision.reason).toContain(end.because);
      await expectBlueAsBefore(it, settings);
    } finally {
      for (const pid of stopped) process.kill(pid, 'SIGCONT');
    }
  }, end.options),
);

test('a commit that died with its clock an hour ahead is rolled forward all the same', () =>
  during(async (it) => {
    await it.fenced();
    await it.green();
    const committedAt = new Date(Date.now() + 3_600_000).toISOString();
    it.write({ ...it.ledger.status, decision: { ...it.decision, state: 'Committed', committedAt } });
    await until('blue is closed', () => it.decision.blueClosed !== undefined, 60);
    expect(it.decision).toMatchObject({ greenOpened: expect.any(String) });
  }));

describe('the keeper ends the window by itself', () => {
  test('at the budget', () =>
    during(
      async (it) => {
        const settings = await it.blue.sql(SETTINGS);
        await it.fenced();
        await unfenced(it);
        expect(it.decision.reason).toContain('window-over-budget');
        await expectBlueAsBefore(it, settings);
      },
      { windowBudgetSeconds: 12 },
    ));

  test.each(['lock', 'window'])('when it loses a connection (%s)', (purpose) =>
    during(async (it) => {
      const settings = await it.blue.sql(SETTINGS);
      await it.fenced();
      await it.blue.sql(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'lifecycle-${purpose}-%'`,
      );
      await unfenced(it);
      expect(it.decision.reason).toContain('fence-lost');
      await expectBlueAsBefore(it, settings);
    }),
  );

  test('on SIGTERM', () =>
    during(async (it) => {
      const settings = await it.blue.sql(SETTINGS);
      const keeper = await it.fenced();
      await keeper.stop();
      expect(it.decision.reason).toContain('asked to end');
      await expectBlueAsBefore(it, settings);
    }));

  test('when it was killed: the next one never locks again', () =>
    during(async (it) => {
      const settings = await it.blue.sql(SETTINGS);
      const keeper = await it.fenced();
      await keeper.kill();
      expect(it.decision.state).toBe('Fenced');
      it.keeper();
      await unfenced(it);
      expect(it.decision.reason).toContain('restarted');
      await expectBlueAsBefore(it, settings);
    }));
});

describe('a failover of blue inside the window', () => {
  test('a restart: another start time of the server', () =>
    during(async (it) => {
      const settings = await it.blue.sql(SETTINGS);
      await it.fenced();
      await it.green();
      await it.blue.stop('SIGQUIT');
      await it.blue.start();
      expect(await commit(it.context()).catch((error: unknown) => String(error))).toMatch(/fence-lost|aborted/);
      await unfenced(it);
      await expectBlueAsBefore(it, settings);
    }));

  test('a promoted standby at the same address, while the old primary lives on with all the locks', () =>
    during(async (it) => {
      await it.fenced();
      const standby = await it.servers.standby('standby');
      await waitFor(async () => (await standby.sql("SELECT FROM pg_roles WHERE rolname = 'bestie'")).length === 1, {
        what: 'the standby follows',
        timeoutSeconds: 30,
      });
      await standby.sql('SELECT pg_promote()');
      it.servers.publish(BLUE.name, standby);
      await unfenced(it);
      expect(it.decision.reason).toContain('blue failed over: timeline 2 instead of 1');
      expect(await refusal(standby, 'bestie', [WRITE])).toBe('accepted');
    }));

  test('the commit sees it, too, when the keeper has not yet', () =>
    during(async (it) => {
      const keeper = await it.fenced();
      await it.green();
      await keeper.kill();
      await it.blue.stop('SIGQUIT');
      await it.blue.start();
      expect(await commit(it.context()).catch((error: unknown) => String(error))).toContain('started anew');
      expect(it.decision).toMatchObject({ state: 'Aborted', unfenced: expect.any(String) });
      expect(await refusal(it.blue, 'bestie', [WRITE])).toBe('accepted');
    }));
});

test('E a session that was just starting when blue was opened again does not stay read-only', () =>
  during(async (it) => {
    await it.fenced();
    // Through the login and with its settings read, but in no list of sessions for three seconds.
    const { client } = await startingSession(it.blue, 3);
    await abort(it.context());
    // Not before: as long as the fence stands it would be refused rightly.
    const write = client.then((session) => session.query(WRITE));
    expect(await write.then(() => 'accepted', stateOf)).not.toBe('25006');
    expect(await refusal(it.blue, 'bestie', [WRITE])).toBe('accepted');
  }));
