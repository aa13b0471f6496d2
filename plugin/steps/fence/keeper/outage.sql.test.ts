import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { refusal } from '../../../../test/lab/postgres/refusal.ts';
import { Switch, until } from '../../../../test/lab/postgres/switch.ts';
import { useTemplate } from '../../../../test/lab/postgres/use-template.ts';
import { waitFor } from '../../../../test/lab/wait-for.ts';
import { textOf } from '../../../errors/text-of.ts';
import type { Ledger } from '../../ports/ports.ts';
import { LateWrite, Outage } from '../../testing/outage.ts';
import { BLUE } from '../../testing/world.ts';
import { abort } from '../abort/abort.ts';
import { commit } from '../commit/commit.ts';
import { decideToCommit } from '../commit/decide-to-commit.ts';
import { connectToBlue } from '../connections.ts';

jest.setTimeout(180_000);

const template = useTemplate();

const WRITE = "INSERT INTO t0 (writer) VALUES ('x')";
const SETTINGS = `SELECT setrole::regrole::text AS role, setdatabase, setconfig FROM pg_db_role_setting ORDER BY 1, 2`;
const MARKS = 'SELECT roname FROM pg_replication_origin';

async function during(
  use: (it: Switch, api: Outage) => Promise<void>,
  more: Parameters<typeof Switch.open>[1] = {},
): Promise<void> {
  const it = await Switch.open(template(), more);
  try {
    await use(it, new Outage());
  } finally {
    await it.close();
  }
}

const said = (it: Switch, text: string): Promise<unknown> =>
  until(text, () => it.lines.some((line) => line.includes(text)), 90);
const opened = (it: Switch): Promise<unknown> => said(it, 'blue takes writes again');
const waiting = (it: Switch): Promise<unknown> => said(it, 'a commit has begun to decide');

async function expectBlueAsBefore(it: Switch, settings: readonly object[]): Promise<void> {
  expect(await it.blue.sql(SETTINGS)).toEqual(settings);
  expect(await refusal(it.blue, 'bestie', [WRITE])).toBe('accepted');
  expect(await refusal(it.blue, 'reporter', [WRITE])).toBe('accepted');
}

async function expectAborted(it: Switch): Promise<void> {
  await until('unfenced', () => it.decision.unfenced !== undefined, 90);
  expect(it.decision).toMatchObject({ state: 'Aborted' });
  expect(it.decision.committedAt).toBeUndefined();
  const unmarked = async (): Promise<boolean> => (await it.blue.sql(MARKS)).length === 0;
  await waitFor(unmarked, { what: 'the marks are gone', timeoutSeconds: 20 });
}

const outcome = (it: Switch, ledger: Ledger): Promise<string> =>
  commit(it.context({ ledger })).then(() => 'committed', textOf);

describe('while no commit has begun to decide, a keeper opens blue without the API server', () => {
  test('at the budget, on calls that are never answered, and says so when they are', () =>
    during(
      async (it, api) => {
        const settings = await it.blue.sql(SETTINGS);
        await it.fenced(api.ports(it));
        api.begin('hangs');
        await opened(it);
        await expectBlueAsBefore(it, settings);
        expect(it.decision.state).toBe('Fenced');
        const since = await it.blue.client('bestie');
        api.end();
        await expectAborted(it);
        expect(it.decision.reason).toMatch(/^window-over-budget: .*without the API server/);
        // It began when blue was open: nobody ends it for what was over.
        expect((await since.query(WRITE)).rowCount).toBe(1);
        await since.end();
      },
      { windowBudgetSeconds: 12 },
    ));

  test('on SIGTERM; a commit that reaches the API server commits nothing afterwards', () =>
    during(async (it, api) => {
      const settings = await it.blue.sql(SETTINGS);
      const keeper = await it.fenced(api.ports(it));
      const green = await it.green();
      api.begin('refuses');
      const stopped = keeper.stop();
      await opened(it);
      await expectBlueAsBefore(it, settings);
      expect(await refusal(green, 'bestie', ['SELECT 1'])).toBe('28000');
      // One that had looked at the fence before.
      const blue = await connectToBlue(it.context(), BLUE);
      await expect(decideToCommit(it.context(), blue, it.decision)).rejects.toThrow('fence-lost');
      await blue.close();
      expect(it.decision.state).toBe('Fenced');
      expect(await outcome(it, it.ledger)).toMatch(/^fence-lost/);
      await expectAborted(it);
      api.end();
      await stopped;
      expect(await refusal(it.blue, 'bestie', [WRITE])).toBe('accepted');
    }));

  test('after a restart, when the ledger can be read but not written', () =>
    during(async (it, api) => {
      const settings = await it.blue.sql(SETTINGS);
      await (await it.fenced()).kill();
      api.begin('refuses writes');
      it.keeper(api.ports(it));
      await opened(it);
      await expectBlueAsBefore(it, settings);
      api.end();
      await expectAborted(it);
    }));

  test('when the API server goes right after Aborted was written', () =>
    during(async (it, api) => {
      const settings = await it.blue.sql(SETTINGS);
      const ports = api.ports(it);
      const update: Ledger['update'] = async (change) => {
        const result = await ports.ledger.update(change);
        if (it.decision.state === 'Aborted' && it.decision.greenUid === undefined) api.begin('refuses');
        return result;
      };
      const keeper = await it.fenced({ ...ports, ledger: { read: () => ports.ledger.read(), update } });
      const stopped = keeper.stop();
      await opened(it);
      await expectBlueAsBefore(it, settings);
      expect(it.decision.unfenced).toBeUndefined();
      it.write({ ...it.ledger.status, decision: { ...it.decision, greenUid: 'none' } });
      api.end();
      await stopped;
      await expectAborted(it);
    }));
});

describe('a commit that has begun to decide', () => {
  test.each(['arrives', 'is lost'] as const)(
    'keeps blue closed while nobody knows of its write, which then %s',
    (write) =>
      during(async (it, api) => {
        const keeper = await it.fenced(api.ports(it));
        const green = await it.green();
        const late = new LateWrite(it.ledger);
        void commit(it.context({ ledger: late })).catch(() => undefined);
        await late.sent;
        api.begin('hangs');
        const stopped = keeper.stop();
        await waiting(it);
        expect(await refusal(it.blue, 'bestie', ['BEGIN READ WRITE', WRITE])).toBe('55P03');
        if (write === 'arrives') late.arrive();
        api.end();
        await stopped;
        const [blueSays, greenSays] = write === 'arrives' ? ['28000', 'accepted'] : ['accepted', '28000'];
        if (write === 'is lost') await expectAborted(it);
        expect(it.decision.state).toBe(write === 'arrives' ? 'Committed' : 'Aborted');
        expect(await refusal(it.blue, 'bestie', [WRITE])).toBe(blueSays);
        expect(await refusal(green, 'bestie', [WRITE])).toBe(greenSays);
      }),
  );

  test('keeps blue closed over a crash of its server, which ends every lock and no mark', () =>
    during(async (it, api) => {
      await it.fenced(api.ports(it));
      const green = await it.green();
      const late = new LateWrite(it.ledger);
      void commit(it.context({ ledger: late })).catch(() => undefined);
      await late.sent;
      api.begin('hangs');
      await it.blue.stop('SIGQUIT');
      await it.blue.start();
      await waiting(it);
      expect(await refusal(it.blue, 'bestie', [WRITE])).toBe('25006');
      late.arrive();
      api.end();
      await until('blue is closed', () => it.decision.blueClosed !== undefined, 90);
      expect(it.decision.state).toBe('Committed');
      expect(await refusal(it.blue, 'bestie', [WRITE])).toBe('28000');
      expect(await refusal(green, 'bestie', [WRITE])).toBe('accepted');
    }));

  test('and has sent nothing has not begun: the keeper opens blue', () =>
    during(async (it, api) => {
      const keeper = await it.fenced(api.ports(it));
      await it.green();
      const unreachable: Ledger = { read: () => it.ledger.read(), update: () => Promise.reject(new Error('no route')) };
      expect(await outcome(it, unreachable)).toBe('no route');
      api.begin('refuses');
      const stopped = keeper.stop();
      await opened(it);
      expect(await refusal(it.blue, 'bestie', [WRITE])).toBe('accepted');
      api.end();
      await stopped;
      await expectAborted(it);
    }));

  test('and died is committed by the next one: the mark is no change of blue', () =>
    during(async (it) => {
      await it.fenced();
      const green = await it.green();
      const dying: Ledger = {
        read: () => it.ledger.read(),
        update: async (change) => {
          change(await it.ledger.read());
          throw new Error('the process is gone');
        },
      };
      expect(await outcome(it, dying)).toBe('the process is gone');
      expect(await it.blue.sql(MARKS)).toHaveLength(2);
      expect(await outcome(it, it.ledger)).toBe('committed');
      expect(await refusal(green, 'bestie', [WRITE])).toBe('accepted');
      expect([...(await it.blue.sql(MARKS)), ...(await green.sql(MARKS))]).toEqual([]);
    }));

  test('and finds no API server any more waits for it', () =>
    during(async (it, api) => {
      await it.fenced();
      const green = await it.green();
      const outage: Ledger = {
        read: () => it.ledger.read(),
        update: async (change) => {
          const result = await it.ledger.update(change);
          if (result.view.status.decision?.state === 'Committed' && !it.lines.some(isAgain)) api.begin('refuses');
          return result;
        },
      };
      const report = (line: string): void => {
        it.lines.push(line);
        if (isAgain(line)) api.end();
      };
      await commit(it.context({ ...api.ports({ ledger: outage, namespace: it.namespace }), progress: { report } }));
      expect(it.lines.filter(isAgain)).not.toEqual([]);
      expect(it.decision).toMatchObject({ greenOpened: expect.any(String), blueClosed: expect.any(String) });
      expect(await refusal(green, 'bestie', [WRITE])).toBe('accepted');
    }));
});

const isAgain = (line: string): boolean => line.startsWith('trying again');

test('a keeper that cannot reach blue any more is ready as soon as the abort is on record, so that the sync fails and its hook opens blue', () =>
  during(async (it) => {
    const settings = await it.blue.sql(SETTINGS);
    const elsewhere = join(it.servers.folder, 'cut-off');
    it.servers.publish(BLUE.name, it.blue, elsewhere);
    const update: Ledger['update'] = async (change) => {
      const result = await it.ledger.update(change);
      // From here on only the connections that it has.
      if (it.decision.state === 'Fenced') it.servers.publish(BLUE.name, { port: 1 }, elsewhere);
      return result;
    };
    const keeper = it.keeper({ secrets: elsewhere, ledger: { read: () => it.ledger.read(), update } });
    await until('Aborted', () => it.decision.state === 'Aborted', 30);
    await said(it, 'trying again');
    expect(keeper.ready()).toBe(true);
    expect(it.decision.unfenced).toBeUndefined();
    await abort(it.context());
    await expectAborted(it);
    await expectBlueAsBefore(it, settings);
  }));
