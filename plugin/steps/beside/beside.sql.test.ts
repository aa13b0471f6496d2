import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Instance } from '../../../test/lab/postgres/instance.ts';
import { refusal } from '../../../test/lab/postgres/refusal.ts';
import { Switch, type Keeper } from '../../../test/lab/postgres/switch.ts';
import { useTemplate } from '../../../test/lab/postgres/use-template.ts';
import type { CloneRecord, RestoreRecord } from '../../lifecycle/status.ts';
import { readRoleSettings } from '../../postgres/roles.ts';
import { withSession } from '../../postgres/session.ts';
import { createConfirmRestored } from '../confirm/confirm-beside.ts';
import { commit } from '../fence/commit/commit.ts';
import type { PostgresClusterView } from '../ports/ports.ts';
import type { StepContext } from '../ports/step.ts';
import { finishWindow } from '../preflight/finish-window.ts';
import { createOpenWindow } from '../preflight/open-window.ts';
import { promote } from '../preflight/promote.ts';
import { healthyStatus } from '../testing/fake-operator.ts';
import { BLUE, GREEN, SERVING } from '../testing/world.ts';
import { cloneOf } from './clone-records.ts';
import { verifyBeside } from './verify-beside.ts';

jest.setTimeout(180_000);

const template = useTemplate();

const WRITE = "INSERT INTO t0 (writer) VALUES ('x')";
const POINT = 'the-moment-before';
/** What clients wrote since. */
const LATER = 25;

describe('a switch to what was restored beside', () => {
  let it: Switch;
  let green: Instance;
  let keeper: Keeper;

  beforeAll(async () => {
    it = await Switch.open(
      template(),
      {
        ...ASKED,
        plan: 'SwitchRestored',
      },
      // An ANALYZE of its own would be a transaction, too.
      { autovacuum: 'off' },
    );
    it.write({ serving: SERVING, clones: [RECORD] });
    // Somebody drops it afterwards; it stood as a window leaves it.
    await it.blue.sql("CREATE ROLE leaver LOGIN PASSWORD 'leaver-secret'; GRANT INSERT ON t0 TO leaver", 'bestie');
    await it.blue.sql('GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO leaver', 'bestie');
    await it.blue.sql(
      "ALTER ROLE leaver SET default_transaction_read_only = on; ALTER ROLE leaver SET lock_timeout = '1s'",
    );
    // Rows of a role for a database, which somebody takes off blue afterwards.
    await it.blue.sql('ALTER ROLE reporter IN DATABASE bestie SET default_transaction_read_only = off');
    await it.blue.sql("ALTER ROLE reporter IN DATABASE bestie SET lock_timeout = '5s'");
    await it.blue.sql(`SELECT pg_create_restore_point('${POINT}')`);
    await it.blue.sql('ALTER ROLE reporter IN DATABASE bestie RESET ALL');
    for (let count = 0; count < LATER; count += 1) await it.blue.sql(WRITE, 'bestie');
    await it.blue.sql('DROP OWNED BY leaver; DROP ROLE leaver', 'bestie');
    await it.blue.sql('SELECT pg_switch_wal()');
    green = await it.servers.clone(GREEN.name, POINT);
    it.servers.publish(GREEN.name, green);
    it.namespace.add(GREEN, it.request.digest);
    // Two databases that are well, as their operator says.
    seenAs(it.namespace, (view) => view && { ...view, spec: SPEC, status: healthyStatus() });
    it.namespace.jobs = () => Promise.resolve([]);
  });
  afterAll(() => it.close());

  const context = (): StepContext => it.context();
  const record = (): CloneRecord | undefined => cloneOf(it.ledger.status, 'r1');

  test('verify: it ended at the target; the application reads there only, and no other role of it logs in', async () => {
    expect(await verifyBeside(context())).toMatchObject({ endedBecause: `at restore point "${POINT}"`, timeline: 2 });
    it.done('verify');
    expect(await refusal(green, 'bestie', [WRITE])).toBe('25006');
    expect(await refusal(green, 'reporter', ['SELECT 1'])).toBe('28000');
    expect(await refusal(it.blue, 'bestie', [WRITE])).toBe('accepted');
  });

  test('once more, after somebody was at it, the record is that of the first time', async () => {
    const first = record();
    await green.sql('ALTER ROLE reporter LOGIN; ALTER ROLE bestie RESET default_transaction_read_only');
    await verifyBeside(context());
    expect(record()).toEqual(first);
    expect(await refusal(green, 'bestie', [WRITE])).toBe('25006');
    expect(await refusal(green, 'reporter', ['SELECT 1'])).toBe('28000');
  });

  const open = (): Promise<unknown> => createOpenWindow(() => Promise.resolve([]), finishWindow)(context());

  test('the window is not opened before the smoke test is on record', async () => {
    await expect(open()).rejects.toMatchObject({ code: 'step-out-of-order' });
    it.done('migrate');
    it.done('smoke');
    expect(await open()).toEqual({ guards: 'hold', decision: 'Open' });
  });

  test('fence and commit: what was restored takes the writes of every role that it has, blue takes none', async () => {
    keeper = await it.fenced();
    expect(keeper.ready()).toBe(true);
    expect(await refusal(it.blue, 'bestie', [WRITE])).toBe('55P03');
    await commit(context());
    expect(it.decision).toMatchObject({ state: 'Committed', green: GREEN.name, blueClosed: expect.any(String) });
    for (const role of ['bestie', 'reporter']) expect(await refusal(green, role, [WRITE])).toBe('accepted');
    expect(await refusal(green, 'leaver', [WRITE])).toBe('accepted');
    expect(
      await green.sql(
        "SELECT setconfig FROM pg_db_role_setting WHERE setrole = 'reporter'::regrole AND setdatabase <> 0",
      ),
    ).toEqual([{ setconfig: ['default_transaction_read_only=off', 'lock_timeout=5s'] }]);
    expect(await refusal(it.blue, 'bestie', [WRITE])).toBe('28000');
  });

  test('what was written since the target is on blue, and counted', async () => {
    const evidence = await createConfirmRestored(() => Promise.resolve({}))(context());
    // One of it by the test above, and what the fence itself wrote before its snapshot.
    expect(Number(evidence['givenUpTransactions'])).toBeGreaterThanOrEqual(LATER);
    expect(Number(evidence['givenUpTransactions'])).toBeLessThan(LATER + 20);
    expect(record()).toMatchObject({ givenUpUntil: it.decision.fencedAt, ended: { timeline: 1 } });
  });

  test('rows that nobody can count keep nothing from being confirmed, and say why', async () => {
    // These servers have no repository.
    const evidence = await createConfirmRestored(() => Promise.resolve({}))(context());
    expect(evidence['givenUpRows']).toMatch(/^unknown: restore-repository-unreadable/);
    expect(record()?.givenUpRowsUnknown).toMatch(/^restore-repository-unreadable/);
  });
});

describe('where the database is gone', () => {
  let it: Switch;
  let green: Instance;
  let isGone = false;

  beforeAll(async () => {
    it = await Switch.open(template(), { ...ASKED, plan: 'Recover' });
    const { decision } = it.ledger.status;
    // Its last window was left open.
    it.write({
      serving: SERVING,
      clones: [RECORD],
      ...(decision && { decision: { ...decision, digest: 'older', state: 'Fenced' } }),
    });
    // It was lost in the pause before a restore in place: nobody of the application could log in.
    const roles = await withSession(it.servers.openBlue('postgres'), readRoleSettings);
    it.write({ ...it.ledger.status, restores: [{ ...PAUSED, roles }] });
    await it.blue.sql('ALTER ROLE bestie NOLOGIN; ALTER ROLE reporter NOLOGIN');
    await it.blue.sql(`SELECT pg_create_restore_point('${POINT}'), pg_switch_wal()`);
    green = await it.servers.clone(GREEN.name, POINT);
    it.servers.publish(GREEN.name, green);
    it.namespace.add(GREEN, it.request.digest);
    it.namespace.volumeClaims = () => Promise.resolve([]);
    await verifyBeside(context());
    it.done('verify');
    seenAs(it.namespace, (view) => (isGone && view?.name === BLUE.cluster ? undefined : view));
  });
  afterAll(() => it.close());

  const context = (): StepContext => it.context();

  test('nothing is decided before the smoke test, nor as long as something is left of it', async () => {
    await expect(promote(context())).rejects.toMatchObject({ code: 'step-out-of-order' });
    it.done('smoke');
    await expect(promote(context())).rejects.toMatchObject({ code: 'restore-unsafe' });
    expect(await refusal(green, 'bestie', [WRITE])).toBe('25006');
    expect(it.namespace.serves('bestie')).toBe(BLUE.name);
  });

  test('in a namespace that is new the Service comes a wave later, selecting what serves', async () => {
    const selector = it.namespace.selectors.get('bestie') ?? {};
    it.namespace.selectors.delete('bestie');
    isGone = true;
    await promote(context());
    expect(it.namespace.serves('bestie')).toBeUndefined();
    it.namespace.selectors.set('bestie', selector);
  });

  test('what was restored takes writes, clients are led to it, and the decision says so, once', async () => {
    await promote(context());
    const first = it.ledger.status;
    expect(first.decision).toMatchObject({ state: 'Committed', blue: BLUE.name, green: GREEN.name });
    expect(first.history).toMatchObject([{ digest: 'older', state: 'Fenced' }]);
    for (const role of ['bestie', 'reporter']) expect(await refusal(green, role, [WRITE])).toBe('accepted');
    expect(it.namespace.serves('bestie')).toBe(GREEN.name);
    await promote(context());
    expect(it.ledger.status).toEqual(first);
  });
});

/** What the operator says of its databases in a namespace that knows none. */
function seenAs(
  namespace: Switch['namespace'],
  see: (view: PostgresClusterView | undefined) => PostgresClusterView | undefined,
): void {
  const own = namespace.postgresCluster.bind(namespace);
  namespace.postgresCluster = async (name) => see(await own(name));
}

const ASKED = {
  restore: { id: 'r1', repository: 'repo1', target: { time: '2026-11-22T10:00:00Z' } },
  approval: 'not needed',
} as const;

const PAUSED: RestoreRecord = {
  id: 'r0',
  digest: 'older',
  instance: BLUE.name,
  repository: 'repo1',
  target: 'latest',
  state: 'Paused',
  requestedAt: '2026-11-22T09:00:00.000Z',
  clientsOffAt: '2026-11-22T09:00:00.000Z',
  recovery: { label: '20261122-010000F', timeline: 1, options: [] },
};

const SPEC = {
  instances: [{ name: 'set1', replicas: 1 }],
  backups: { pgbackrest: { repos: [{ name: 'repo1', volume: {} }] } },
};

const RECORD: CloneRecord = {
  id: 'r1',
  digest: '0a1b2c3d4e5f',
  instance: GREEN.name,
  source: BLUE.name,
  repository: 'repo1',
  target: 'time 2026-11-22T10:00:00Z',
  state: 'Cloned',
  requestedAt: '2026-11-22T11:00:00.000Z',
  recovery: { label: '20261122-010000F', timeline: 1, options: ['--type=name', `--target=${POINT}`] },
};
