import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Status } from '../../plugin/lifecycle/status.ts';
import { ANNOTATION } from '../../plugin/plan/labels.ts';
import { applyApplication, refresh, startSync } from '../lab/argocd/application.ts';
import { NEXT_PLUGIN_VERSION } from '../lab/argocd/plugin.ts';
import { startPlugin } from '../lab/argocd/processes.ts';
import { binaries } from '../lab/build/binaries.ts';
import { getObject, kubectl, listObjects } from '../lab/kubectl.ts';
import { waitFor } from '../lab/wait-for.ts';
import { firstCommit } from './scenarios/first-commit.ts';
import { lifecycleJson } from './scenarios/lifecycle-cli.ts';
import { healJob, jobsOf } from './scenarios/heal-job.ts';
import { prepare } from './scenarios/prepare.ts';
import { LOAD, seedRows, switchUnderLoad, type SwitchReport } from './scenarios/switch-under-load.ts';
import { startClients } from './world/clients.ts';
import { report, windowFigures } from './world/report.ts';
import { BLUE, GREEN, sampleLifecycle } from './world/sample.ts';
import { sql } from './world/sql.ts';
import { commitLifecycle, ledger, openWorld, waitForLedger, waitForSynced, type World } from './world/world.ts';

/** The main job, driven by commits only: first commit, backup on demand, Prepare, Switch under load, and then nothing twice. */
jest.setTimeout(600_000);

interface Named {
  readonly metadata: { readonly name: string; readonly uid: string };
}

interface Job extends Named {
  readonly metadata: Named['metadata'] & { readonly annotations?: Readonly<Record<string, string>> };
}

const BACKUP_ID = 'postgres-operator.crunchydata.com/pgbackrest-backup';
const ROWS = 100_000;
let world: World;

beforeAll(async () => {
  world = await openWorld('upgrade', sampleLifecycle());
});

const names = (objects: readonly Named[]): readonly string[] => objects.map(({ metadata }) => metadata.name).sort();

/** Records of steps, hooks aside: they look again at every sync. */
const records = ({ steps = [] }: Status): unknown =>
  steps.filter(({ step }) => step !== 'confirm').map(({ digest, step, finishedAt }) => [digest, step, finishedAt]);

describe('1: the first commit', () => {
  it('brings database, scheduled backups, application and Service; Synced and Healthy', async () => {
    const { seconds } = await firstCommit(world);
    const cronJobs = await listObjects<Named>('cronjobs', world.name);
    expect(names(cronJobs)).toEqual(['bestie-pgo-repo1-full', 'bestie-pgo-repo1-incr']);
    expect((await ledger(world)).serving).toMatchObject({ instance: BLUE, version: '1.3' });
    report('1 first commit', { 'Synced and Healthy after': `${seconds.toFixed(1)} s` });
  });

  /** Backup Jobs of this id that the operator ran. */
  const ran = async (id: string): Promise<number> =>
    (await listObjects<Job>('jobs', world.name)).filter(({ metadata }) => metadata.annotations?.[BACKUP_ID] === id)
      .length;

  it('an on-demand backup runs once for its id, and again only with a new one', async () => {
    const done =
      (id: string) =>
      (status: Status): boolean =>
        status.steps?.some(({ step, state }) => step === `backup/${id}` && state === 'Done') ?? false;
    await commitLifecycle(world, sampleLifecycle({ onDemand: 'audit-1' }), 'Back up before the audit');
    await waitForLedger(world, 'backup audit-1', done('audit-1'), 120);
    expect(await ran('audit-1')).toBe(1);
    await waitForSynced(world, 180);
    const before = records(await ledger(world));
    await startSync(world.name);
    await waitForSynced(world, 180);
    expect(records(await ledger(world))).toEqual(before);
    await commitLifecycle(world, sampleLifecycle({ onDemand: 'audit-2' }), 'Back up again');
    await waitForLedger(world, 'backup audit-2', done('audit-2'), 120);
    await waitForSynced(world, 180);
    expect(await ran('audit-2')).toBe(1);
  });

  it('lifecycle status and restorable say what stands there, asked as a person does', async () => {
    expect(await lifecycleJson(world, 'status')).toMatchObject({
      plan: 'AtRest',
      phase: 'AtRest',
      serving: { instance: BLUE, version: '1.3' },
      steps: expect.arrayContaining([expect.objectContaining({ step: 'confirm', state: 'Done' })]),
    });
    expect(await lifecycleJson(world, 'restorable')).toMatchObject({
      instance: BLUE,
      repositories: [
        {
          name: 'repo1',
          ranges: [{ from: expect.any(String), to: expect.any(String) }],
          backups: expect.arrayContaining([expect.objectContaining({ type: 'full', damaged: false })]),
        },
      ],
      undo: [],
    });
  });

  it('an override of the policies is told, and taken off at the first sync after its time', async () => {
    const breakGlass = (kind: string, name: string, value: string): Promise<string> =>
      kubectl(['annotate', kind, name, '-n', world.name, `${ANNOTATION.breakGlass}=${value}`]);
    const annotations = async (kind: string, name: string): Promise<Readonly<Record<string, string>>> =>
      (await getObject<Job>(kind, name, world.name))?.metadata.annotations ?? {};
    await breakGlass('service', 'bestie', '2026-01-31T18:00:00Z incident 4711');
    await breakGlass('postgrescluster', 'bestie-pgo', '2026-01-31T18:00:00Z incident 4711');
    await breakGlass('lifecycle', 'bestie', '2126-01-31T18:00:00Z incident 4712');
    await startSync(world.name);
    await waitForSynced(world, 180);
    expect((await ledger(world)).brokenGlass).toEqual([
      { object: 'Lifecycle/bestie', until: '2126-01-31T18:00:00Z', reason: 'incident 4712' },
    ]);
    expect(await annotations('service', 'bestie')).not.toHaveProperty(ANNOTATION.breakGlass);
    expect(await annotations('postgrescluster', 'bestie-pgo')).not.toHaveProperty(ANNOTATION.breakGlass);
    const events = await listObjects<{ readonly reason: string; readonly message: string }>('events', world.name);
    const told = events.filter(({ reason }) => reason === 'BrokenGlass').map(({ message }) => message);
    expect(told.filter((message) => message.includes('is guarded again'))).toHaveLength(2);
    expect(told).toContainEqual(expect.stringContaining('Lifecycle/bestie is not guarded until 2126-01-31T18:00:00Z'));
    await kubectl(['annotate', 'lifecycle', 'bestie', '-n', world.name, `${ANNOTATION.breakGlass}-`]);
  });

  it('leaves no Job of a hook that passed', async () => {
    const gone = async (): Promise<boolean> => (await jobsOf(world, 'confirm')).length === 0;
    expect(await waitFor(gone, { what: 'confirm’s Jobs deleted', timeoutSeconds: 30 })).toBe(true);
  });
});

describe('2: Prepare', () => {
  it('rehearses on a clone, leaves evidence, and touches nothing that serves', async () => {
    await seedRows(world, ROWS);
    const serving = async (): Promise<unknown> => [
      await listObjects<Named>('pods', world.name, 'lifecycle.bestie.com/instance=bestie').then((pods) =>
        pods.map(({ metadata }) => metadata.uid),
      ),
      await sql(world.name, 'bestie-pgo', 'SELECT count(*), sum(hashtext(p::text)) FROM bestie.pets AS p'),
    ];
    const before = await serving();
    const rehearsal = await prepare(world);
    expect(await serving()).toEqual(before);
    expect(Object.keys(rehearsal.parts)).toEqual(
      expect.arrayContaining(['clone', 'verify', 'migrate', 'application', 'smoke', 'drain']),
    );
    report('2 Prepare', {
      'expected window': `${rehearsal.expectedWindowSeconds ?? '?'} s`,
      ...Object.fromEntries(Object.entries(rehearsal.parts).map(([part, seconds]) => [part, `${seconds} s`])),
    });
  });
});

describe('3: Switch under load', () => {
  let seen: SwitchReport;

  it('green serves 1.4', async () => {
    await startClients(world, LOAD);
    seen = await switchUnderLoad(world);
    const { stats, decision } = seen;
    report('3 Switch', {
      ...windowFigures(decision),
      'acknowledged through the Service': stats.service.acknowledged,
      'acknowledged by blue directly': stats.direct.acknowledged,
      'missing on green': seen.missingOnGreen.length,
      'only on blue': seen.onlyOnBlue,
      'failed reads': `${stats.reads.failed} of ${stats.reads.ok + stats.reads.failed}`,
      'longest gap between acknowledged writes': `${((stats.service.longestGap?.milliseconds ?? 0) / 1000).toFixed(1)} s`,
    });
    expect(seen.versionServed).toBe('1.4');
    expect((await ledger(world)).serving).toMatchObject({ instance: GREEN, version: '1.4' });
  });

  it('no write that was acknowledged through the Service is missing on green', () => {
    expect(seen.stats.service.acknowledged).toBeGreaterThan(100);
    expect(seen.missingOnGreen.filter(({ channel }) => channel === 'service')).toEqual([]);
  });

  it('blue acknowledged nothing after the restore point, to anyone', () => {
    const { direct } = seen.stats;
    expect(direct.acknowledged).toBeGreaterThan(10);
    // They kept trying, all through the window and for a minute after the commit.
    expect(direct.refused).toBeGreaterThan(10);
    expect(seen.missingOnGreen).toEqual([]);
    expect(seen.onlyOnBlue).toBe(0);
    expect(seen.decision.lostWrites).toBe(0);
  });

  it('no read failed', () => {
    expect(seen.stats.reads.ok).toBeGreaterThan(100);
    expect(seen.stats.reads.firstFailures).toEqual([]);
  });

  it('the window is its parts: nothing of it is unexplained', () => {
    const { windowSeconds = 0, window = {} } = seen.decision;
    const sum = Object.values(window).reduce((total, seconds) => total + seconds, 0);
    expect(Object.keys(window)).toEqual(expect.arrayContaining(['clone', 'migrate', 'application', 'waves']));
    expect(sum).toBeCloseTo(windowSeconds, 1);
  });

  it('is told as Events of the Lifecycle, each once', async () => {
    const events = await listObjects<{ readonly reason: string; readonly involvedObject: { readonly kind: string } }>(
      'events',
      world.name,
    );
    const told = events.filter(({ involvedObject }) => involvedObject.kind === 'Lifecycle').map(({ reason }) => reason);
    const ofSwitch = ['SwitchBegun', 'Fenced', 'Committed', 'WindowEnded'];
    expect(told.filter((reason) => ofSwitch.includes(reason)).sort()).toEqual(ofSwitch.toSorted());
    expect(told).toEqual(expect.arrayContaining(['Rehearsed', 'Serving']));
  });
});

describe('7: nothing runs twice', () => {
  const content = (): Promise<string> =>
    sql(world.name, 'bestie2-pgo', 'SELECT count(*), sum(hashtext(p::text)) FROM bestie.pets AS p');

  async function expectNothingHappened(what: () => Promise<void>): Promise<void> {
    const before = [records(await ledger(world)), await content()];
    await what();
    await waitForSynced(world, 120);
    expect([records(await ledger(world)), await content()]).toEqual(before);
    const { serving, decision } = await ledger(world);
    expect([serving?.instance, decision?.state]).toEqual([GREEN, 'Committed']);
  }

  it('at a resync', async () => {
    await expectNothingHappened(() => startSync(world.name));
  });

  it('at a hard refresh', async () => {
    await expectNothingHappened(() => refresh(world.name, 'hard'));
  });

  it.each(['preflight', 'backup', 'migrate', 'commit'])(
    'when the Job of step %s was deleted and healed',
    async (step) => {
      await expectNothingHappened(() => healJob(world, step));
    },
  );

  it('when the plugin is upgraded at rest: sidecar and plugin.name together', async () => {
    await expectNothingHappened(async () => {
      const before = names(await jobsOf(world, 'commit'));
      await startPlugin(await binaries(), NEXT_PLUGIN_VERSION);
      await applyApplication({
        name: world.name,
        namespace: world.name,
        repository: world.repository,
        pluginVersion: NEXT_PLUGIN_VERSION,
      });
      await waitFor(async () => names(await jobsOf(world, 'commit')).some((name) => !before.includes(name)), {
        what: 'Jobs of the new version',
        timeoutSeconds: 120,
      });
    });
  });

  it('with server-side diff', async () => {
    await expectNothingHappened(async () => {
      const options = 'argocd.argoproj.io/compare-options=ServerSideDiff=true';
      await kubectl(['annotate', 'application.argoproj.io', world.name, '-n', 'argocd', options]);
      await refresh(world.name, 'hard');
      await startSync(world.name);
    });
  });
});
