import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { CONNECT_MILLISECONDS } from '../lab/bestie/settings.ts';
import { kubectl, listObjects } from '../lab/kubectl.ts';
import { lifecycleNext } from './scenarios/lifecycle-next.ts';
import { LiveCluster } from '../lab/operator/live/live-cluster.ts';
import { firstCommit } from './scenarios/first-commit.ts';
import { Attempts, selected } from './world/attempts.ts';
import { startClients } from './world/clients.ts';
import { expectNothingLost } from './world/expect-nothing-lost.ts';
import { report, windowFigures } from './world/report.ts';
import { BLUE, GREEN, sampleLifecycle } from './world/sample.ts';
import { primaryPod, sql } from './world/sql.ts';
import { commitLifecycle, openWorld, waitForLedger, waitForSynced, type World } from './world/world.ts';

/**
 * Faults of blue's database inside the window, then a switch that succeeds and the life after it. All with two instances of
 * the database, and with a PgBouncer and an exporter: the operator gives their roles a password of their own on every cluster.
 */
jest.setTimeout(600_000);

const GROUP = 'postgres-operator.crunchydata.com';
const SAMPLE = { replicas: 1, instances: 2, proxyAndMonitoring: true };
let world: World;
let attempts: Attempts;

beforeAll(async () => {
  world = await openWorld('blue-fails', sampleLifecycle(SAMPLE));
  attempts = new Attempts(world, SAMPLE);
  await firstCommit(world);
  await startClients(world, { writers: 2, readers: 1, overriders: 0 });
});

interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string };
}

/** Pods of a cluster's instances that run. */
const instances = (cluster: string): Promise<readonly Pod[]> =>
  listObjects<Pod>('pods', world.name, `${GROUP}/cluster=${cluster},${GROUP}/instance`);

const onBlue = (statement: string): Promise<string> => sql(world.name, `${BLUE}-pgo`, statement);

/** When blue had no primary for a while: its one replica of the application answers no reads. Unix times in milliseconds. */
let failover = { from: 0, to: 0 };

describe('5: blue goes missing, the window ends', () => {
  it('its primary fails over', async () => {
    await attempts.next();
    await attempts.fenced();
    const from = Date.now();
    const pod = await primaryPod(world.name, `${BLUE}-pgo`);
    await kubectl(['delete', 'pod', pod, '-n', world.name, '--force', '--grace-period=0', '--wait=false']);
    const { reason = '', windowSeconds } = await attempts.aborted(120);
    report('5 failover of blue', { window: `${windowSeconds?.toFixed(1) ?? '?'} s`, reason });
    expect(reason).toContain('fence-lost');
    await attempts.syncFailed();
    await attempts.expectBlueServes();
    // A request that began while nobody answered at that address fails when its connection attempt is given up.
    failover = { from, to: Date.now() + CONNECT_MILLISECONDS };
  });

  it('the restore point never reaches the archive', async () => {
    await attempts.next({ windowBudget: '30s' });
    await attempts.stepDone('backup', 180);
    await onBlue("ALTER SYSTEM SET archive_command = 'false'");
    await onBlue('SELECT pg_reload_conf()');
    const { reason = '', windowSeconds } = await attempts.aborted(120);
    await onBlue('ALTER SYSTEM RESET archive_command');
    await onBlue('SELECT pg_reload_conf()');
    report('5 not archived', { window: `${windowSeconds?.toFixed(1) ?? '?'} s, budget 30 s`, reason });
    expect(reason).toMatch(/not-archived|window-over-budget/u);
    await attempts.syncFailed();
    await attempts.expectBlueServes();
  });
});

describe('then, with PgBouncer and exporter', () => {
  it('the switch is confirmed, and green serves with both instances', async () => {
    await attempts.next();
    const { decision } = await waitForLedger(world, 'switched', ({ phase }) => phase === 'Confirmed', 420);
    await waitForSynced(world, 180);
    if (!decision) throw new Error('no decision');
    report('PgBouncer and exporter', windowFigures(decision));
    expect(decision).toMatchObject({ attempt: attempts.current, state: 'Committed', lostWrites: 0 });
    expect(await selected(world)).toBe(GREEN);
    expect(await instances(`${GREEN}-pgo`)).toHaveLength(2);
  });

  it('no write that was acknowledged through the Service is missing, and no read failed but at the failover', async () => {
    const stats = await expectNothingLost(world, `${GREEN}-pgo`);
    const failing = stats.seconds.filter(({ failedReads }) => failedReads > 0);
    expect(failing.filter(({ at }) => at + 1000 < failover.from || at > failover.to)).toEqual([]);
  });
});

describe('at rest again', () => {
  it('lifecycle next makes green the blue of the file: nothing restarts, and the old blue is left closed', async () => {
    const running = (): Promise<readonly (readonly Pod[])[]> =>
      Promise.all([
        instances(`${GREEN}-pgo`),
        listObjects<Pod>('pods', world.name, `lifecycle.bestie.com/instance=${GREEN}`),
        instances(`${BLUE}-pgo`),
      ]);
    const before = uids(await running());
    const text = await lifecycleNext(world, attempts.file());
    await commitLifecycle(world, text, 'Green is the new blue');
    const { serving } = await waitForLedger(world, 'at rest', ({ phase }) => phase === 'AtRest', 240);
    await waitForSynced(world, 180);
    expect(serving).toMatchObject({ instance: GREEN, version: '1.4' });
    expect(uids(await running())).toEqual(before);
    const application = new LiveCluster(world.name, `${GREEN}-pgo`);
    const write = 'WITH written AS (UPDATE bestie.pets SET seq = seq RETURNING seq) SELECT count(*) FROM written';
    expect(Number(await application.sqlAsClient(write))).toBeGreaterThan(0);
    const login = "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'bestie'";
    expect(await onBlue(login)).toBe('f');
  });
});

const uids = (lists: readonly (readonly Pod[])[]): readonly (readonly string[])[] =>
  lists.map((list) => list.map(({ metadata }) => metadata.uid).sort());
