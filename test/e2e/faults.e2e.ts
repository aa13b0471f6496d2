import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { applicationStatus } from '../lab/argocd/application.ts';
import { kubectl, listObjects } from '../lab/kubectl.ts';
import { loadStats } from '../lab/load/start.ts';
import { waitFor } from '../lab/wait-for.ts';
import { firstCommit } from './scenarios/first-commit.ts';
import { Attempts, selected } from './world/attempts.ts';
import { startClients } from './world/clients.ts';
import { expectNothingLost } from './world/expect-nothing-lost.ts';
import { report, windowFigures } from './world/report.ts';
import { BLUE, GREEN, sampleLifecycle } from './world/sample.ts';
import { sql } from './world/sql.ts';
import { ledger, openWorld, type World } from './world/world.ts';

/**
 * Faults of what the plugin itself brings, each inside a window of its own: an attempt a scenario, and the last one
 * succeeds although its commit is killed. All the while a client keeps a list of what was acknowledged through the Service.
 */
jest.setTimeout(600_000);

const SAMPLE = { replicas: 1 };
let world: World;
let attempts: Attempts;

beforeAll(async () => {
  world = await openWorld('faults', sampleLifecycle(SAMPLE));
  attempts = new Attempts(world, SAMPLE);
  await firstCommit(world);
  await startClients(world, { writers: 2, readers: 1, overriders: 0 });
});

interface Job {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly lastTransitionTime: string }[] };
}

describe('4: a migration that fails', () => {
  it('is aborted: blue writable again, green closed, Service never moved', async () => {
    await attempts.next({ version: '1.4-broken' });
    const { unfenced = '', reason = '', greenClosed } = await attempts.aborted(300);
    const jobs = await listObjects<Job>('jobs', world.name, 'lifecycle.bestie.com/step=migrate');
    const conditions = jobs.flatMap(({ status }) => status?.conditions ?? []);
    const failedAt = conditions.find(({ type }) => type === 'Failed')?.lastTransitionTime ?? '';
    const seconds = (Date.parse(unfenced) - Date.parse(failedAt)) / 1000;
    report('4 failed migration', { 'blue writable after the Job failed': `${seconds.toFixed(1)} s`, reason });
    expect(reason).toContain('migration-failed');
    expect(greenClosed).toBeDefined();
    await attempts.expectBlueServes();
  });

  it('says why in kubectl get lifecycle and in Argo CD', async () => {
    await attempts.syncFailed();
    const line = await kubectl(['get', 'lifecycle', 'bestie', '-n', world.name, '--no-headers']);
    expect(line).toMatch(/ Aborted .*migration-failed/u);
    const shown = async (): Promise<string | undefined> => {
      const { resources } = await applicationStatus(world.name);
      return resources.find(({ kind }) => kind === 'Lifecycle')?.health?.message;
    };
    await waitFor(async () => (await shown())?.includes('migration-failed'), {
      what: "the reason in Argo CD's message of the Lifecycle",
      timeoutSeconds: 60,
    });
  });
});

const kill = (step: string): Promise<string> =>
  kubectl([
    ...['delete', 'pods', '-n', world.name, '-l', `lifecycle.bestie.com/step=${step}`],
    ...['--force', '--grace-period=0', '--wait=false'],
  ]);

describe('5: the keeper goes missing, the window ends', () => {
  it('its pod is killed', async () => {
    await attempts.next();
    await attempts.fenced();
    await kill('fence');
    const { reason = '', windowSeconds } = await attempts.aborted(60);
    report('5 keeper killed', { window: `${windowSeconds?.toFixed(1) ?? '?'} s`, reason });
    expect(reason).toMatch(/^(fence-lost|aborted)/u);
    await attempts.syncFailed();
    await attempts.expectBlueServes();
  });

  it('its database connection is cut', async () => {
    await attempts.next();
    const { fence } = await attempts.fenced();
    const [holder] = fence?.holders ?? [];
    if (!holder) throw new Error('nobody holds the fence');
    await sql(world.name, `${BLUE}-pgo`, `SELECT pg_terminate_backend(${holder.pid})`);
    const { reason = '', windowSeconds } = await attempts.aborted(60);
    report('5 connection cut', { window: `${windowSeconds?.toFixed(1) ?? '?'} s`, reason });
    expect(reason).toContain('fence-lost');
    await attempts.syncFailed();
    await attempts.expectBlueServes();
  });
});

/** Holds a lock on green that a change of role settings waits for; resolves, once it is held, with what lets go of it. */
async function blockOpeningOfGreen(): Promise<() => Promise<unknown>> {
  const green = `${GREEN}-pgo`;
  const holder = "relation = 'pg_db_role_setting'::regclass AND mode = 'ShareLock'";
  const held = sql(world.name, green, 'BEGIN; LOCK TABLE pg_db_role_setting IN SHARE MODE; SELECT pg_sleep(600)');
  const ended = held.catch(() => 'ended by release');
  await waitFor(
    async () => (await sql(world.name, green, `SELECT count(*) FROM pg_locks WHERE granted AND ${holder}`)) === '1',
    { what: "lock on green's role settings", timeoutSeconds: 20 },
  );
  return async () => {
    await sql(world.name, green, `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE ${holder}`);
    await ended;
  };
}

describe('6: commit is killed right after its compare-and-swap', () => {
  it('is rolled forward; with the migration corrected, green serves 1.4', async () => {
    await attempts.next();
    await attempts.fenced();
    await attempts.stepDone('smoke', 240);
    // Green's role settings cannot be changed while this stands: the commit gets stuck where it opens green.
    const release = await blockOpeningOfGreen();
    await attempts.decided('Committed', () => true, 60);
    await kill('commit');
    expect((await ledger(world)).decision?.blueClosed).toBeUndefined();
    await release();
    const decision = await attempts.decided('Committed', ({ blueClosed }) => blueClosed !== undefined, 60);
    report('6 commit killed', { ...windowFigures(decision) });
    expect(await selected(world)).toBe(GREEN);
  });

  it('of all the attempts, no write that was acknowledged through the Service is missing, and no read failed', async () => {
    const served = async (): Promise<boolean> =>
      (await loadStats(world.name)).versions.some(({ version }) => version === '1.4');
    await waitFor(served, { what: '1.4 served', timeoutSeconds: 60 });
    const { reads } = await expectNothingLost(world, `${GREEN}-pgo`);
    expect(reads.firstFailures).toEqual([]);
  });
});
