import { describe, expect, jest, test } from '@jest/globals';
import type { Instance } from '../../../test/lab/postgres/instance.ts';
import { refusal } from '../../../test/lab/postgres/refusal.ts';
import { Switch, until } from '../../../test/lab/postgres/switch.ts';
import { useTemplate } from '../../../test/lab/postgres/use-template.ts';
import { waitFor } from '../../../test/lab/wait-for.ts';
import { instanceSelector } from '../../plan/labels.ts';
import type { Cluster } from '../ports/ports.ts';
import type { StepContext } from '../ports/step.ts';
import { finishDecision, finishWindow } from '../preflight/finish-window.ts';
import { BLUE, GREEN, requestFor } from '../testing/world.ts';
import { abort } from './abort/abort.ts';
import { commit } from './commit/commit.ts';

jest.setTimeout(180_000);

const template = useTemplate();

const WRITE = "INSERT INTO t0 (writer) VALUES ('x')";
const SETTINGS = `SELECT setrole::regrole::text AS role, setdatabase, setconfig FROM pg_db_role_setting ORDER BY 1, 2`;

async function during(use: (it: Switch) => Promise<void>): Promise<void> {
  const it = await Switch.open(template());
  try {
    await use(it);
  } finally {
    await it.close();
  }
}

/** As a keeper does that learns late of an abort, or a failover that loses the last commits. */
async function fence(server: Instance, roles = ['bestie', 'reporter']): Promise<void> {
  for (const role of roles) {
    await server.sql(`ALTER ROLE ${role} SET default_transaction_read_only = on`);
    await server.sql(`ALTER ROLE ${role} SET lock_timeout = '1s'`);
  }
  await server.sql('ALTER ROLE reporter IN DATABASE bestie SET default_transaction_read_only = on');
}

const login = async (server: Instance, may: boolean): Promise<void> => {
  for (const role of ['bestie', 'reporter']) await server.sql(`ALTER ROLE ${role} ${may ? '' : 'NO'}LOGIN`);
};

const writes = async (server: Instance, what: string): Promise<unknown> =>
  waitFor(async () => (await refusal(server, 'bestie', [WRITE])) === 'accepted', { what, timeoutSeconds: 30 });

test('an abort that is on record as done is done again where the servers say otherwise', () =>
  during(async (it) => {
    const settings = await it.blue.sql(SETTINGS);
    const first = await it.fenced();
    const green = await it.green();
    await abort(it.context());
    await first.kill();
    const { unfenced, windowSeconds } = it.decision;
    const expectAsDecided = async (): Promise<void> => {
      expect(await it.blue.sql(SETTINGS)).toEqual(settings);
      expect(await refusal(it.blue, 'reporter', [WRITE])).toBe('accepted');
      expect(await refusal(green, 'bestie', ['SELECT 1'])).toBe('28000');
      expect(it.decision).toMatchObject({ unfenced, windowSeconds, remade: expect.any(String) });
    };

    await fence(it.blue);
    await login(green, true);
    const pooled = await it.blue.client('bestie');
    const cut = new Promise((resolve) => pooled.once('end', resolve));
    await abort(it.context());
    await cut;
    await expectAsDecided();

    await fence(it.blue);
    await login(green, true);
    const keeper = it.keeper();
    await writes(it.blue, 'the keeper has opened blue again');
    await expectAsDecided();
    await keeper.kill();

    // Not the fence's: an administrator's own.
    await it.blue.sql('ALTER ROLE bestie SET default_transaction_read_only = on');
    await it.blue.sql('ALTER ROLE reporter NOLOGIN');
    await abort(it.context());
    expect(await refusal(it.blue, 'bestie', [WRITE])).toBe('25006');
    expect(await refusal(it.blue, 'reporter', [WRITE])).toBe('28000');

    // Nor is it when another role is fenced again: nobody else's settings are put back, and nobody else's session ended.
    await it.blue.sql('ALTER ROLE bestie RESET default_transaction_read_only');
    await it.blue.sql("ALTER ROLE bestie SET lock_timeout = '3s'");
    await it.blue.sql('ALTER ROLE reporter LOGIN');
    const own = await it.blue.client('bestie');
    await fence(it.blue, ['reporter']);
    await abort(it.context());
    expect(await refusal(it.blue, 'reporter', [WRITE])).toBe('accepted');
    expect((await own.query(WRITE)).rowCount).toBe(1);
    expect((await own.query('SHOW lock_timeout')).rows).toEqual([{ lock_timeout: '3s' }]);
    expect(JSON.stringify(await it.blue.sql(SETTINGS))).toContain('lock_timeout=3s');
    await own.end();
  }));

test('a commit that is on record as done is done again where the servers say otherwise, until it is confirmed', () =>
  during(async (it) => {
    const first = await it.fenced();
    const green = await it.green();
    await commit(it.context());
    await first.kill();
    const { greenOpened, blueClosed, window } = it.decision;
    const settings = await green.sql(SETTINGS);
    const disturb = async (): Promise<void> => {
      await fence(green);
      await green.sql('ALTER ROLE reporter NOLOGIN');
      await login(it.blue, true);
      await it.namespace.setServiceSelector('bestie', instanceSelector(it.request.lifecycle, BLUE.name));
    };
    const expectAsDecided = async (): Promise<void> => {
      expect(await green.sql(SETTINGS)).toEqual(settings);
      expect(await refusal(green, 'reporter', [WRITE])).toBe('accepted');
      expect(await refusal(it.blue, 'bestie', ['SELECT 1'])).toBe('28000');
      expect(it.namespace.serves('bestie')).toBe(GREEN.name);
      expect(it.decision).toMatchObject({ greenOpened, blueClosed, window, remade: expect.any(String) });
    };

    expect(it.decision.lostWrites).toBe(0);
    await disturb();
    await commit(it.context());
    await expectAsDecided();
    // Blue was open in between: that nothing was written until it was closed the first time is worth nothing now.
    expect(it.decision.lostWrites).toBeUndefined();
    expect(it.decision.blueWrites).toContain('were committed since the fence');

    await disturb();
    await abort(it.context());
    await expectAsDecided();

    await disturb();
    const keeper = it.keeper();
    await writes(green, 'the keeper has opened green again');
    await until('blue is closed again', () => it.lines.some((line) => line.includes('bestie was open')));
    await expectAsDecided();
    await keeper.kill();

    it.done('confirm');
    await disturb();
    await commit(it.context());
    expect(await refusal(green, 'bestie', [WRITE])).toBe('25006');
    expect(await refusal(it.blue, 'bestie', ['SELECT 1'])).toBe('accepted');
  }));

test('what a newer decision has fenced is left alone', () =>
  during(async (it) => {
    const first = await it.fenced();
    await abort(it.context());
    await first.kill();
    await fence(it.blue);
    const newer = { ...it.decision, digest: 'newer', state: 'Fenced' as const };
    const cluster = Object.assign(Object.create(it.namespace) as Cluster, {
      postgresCluster: () => {
        it.write({ ...it.ledger.status, decision: newer });
        return Promise.resolve(undefined);
      },
    });
    await expect(abort(it.context({ cluster }))).rejects.toThrow(/no decision of this plan/);
    expect(await refusal(it.blue, 'bestie', [WRITE])).toBe('25006');
  }));

describe('preflight of another plan finishes', () => {
  const another = (it: Switch): StepContext => ({
    ...it.context(),
    request: requestFor('Switch', { digest: 'another', attempt: 2 }),
  });

  test('an open window whose keeper is gone', () =>
    during(async (it) => {
      const settings = await it.blue.sql(SETTINGS);
      const keeper = await it.fenced();
      await keeper.kill();
      await finishDecision(another(it), finishWindow);
      expect(it.decision).toMatchObject({
        digest: it.request.digest,
        reason: 'aborted: plan another takes its place',
        unfenced: expect.any(String),
      });
      expect(await it.blue.sql(SETTINGS)).toEqual(settings);
      expect(await refusal(it.blue, 'bestie', [WRITE])).toBe('accepted');
    }));

  test('a commit that died after its compare-and-swap', () =>
    during(async (it) => {
      const keeper = await it.fenced();
      const green = await it.green();
      await keeper.kill();
      const committedAt = new Date().toISOString();
      it.write({ ...it.ledger.status, decision: { ...it.decision, state: 'Committed', committedAt } });
      await finishDecision(another(it), finishWindow);
      expect(it.decision).toMatchObject({ greenOpened: expect.any(String), blueClosed: expect.any(String) });
      expect(it.namespace.serves('bestie')).toBe(GREEN.name);
      expect(await refusal(green, 'bestie', [WRITE])).toBe('accepted');
      expect(await refusal(it.blue, 'bestie', ['SELECT 1'])).toBe('28000');
    }));
});
