import { describe, expect, test } from '@jest/globals';
import type { Decision, RestoreRecord, Status } from '../../lifecycle/status.ts';
import { ANNOTATION, instanceSelector } from '../../plan/labels.ts';
import { rehearsedBlue } from '../../plan/names.ts';
import { takeBackup } from '../backup/backup.ts';
import { createConfirm } from './confirm.ts';
import { withDone, withStarted } from '../ledger/step-records.ts';
import { healthyStatus, operatorJob } from '../testing/fake-operator.ts';
import { addGreen, BLUE, DIGEST, GREEN, requestFor, SERVING, worldAtRest, type World } from '../testing/world.ts';

const ok = (): Promise<number> => Promise.resolve(200);
const unchanged = (): Promise<string> => Promise.resolve('content');
const asDecided = (): Promise<void> => Promise.resolve();
const confirm = createConfirm(ok, unchanged, asDecided);
const at = (second: number): Date => new Date(Date.UTC(2026, 10, 22, 10, 0, second));
const decision: Decision = {
  digest: DIGEST,
  state: 'Committed',
  attempt: 1,
  blue: BLUE.name,
  green: GREEN.name,
  openedAt: at(0).toISOString(),
  blueClosed: at(20).toISOString(),
  windowSeconds: 41.2,
};

describe('at rest', () => {
  const request = requestFor('AtRest');

  test('scales the application, sees the endpoints, records what serves', async () => {
    const world = worldAtRest({});
    expect(await confirm(world.context(request))).toEqual({ serving: BLUE.name, version: '1.3', replicas: 3 });
    expect(world.ledger.status).toMatchObject({
      phase: 'AtRest',
      serving: { instance: BLUE.name, version: '1.3', digest: DIGEST },
    });
    expect(world.cluster.servingMark(BLUE.cluster)).toBe('bestie');
  });

  test('where its backups are is kept as it was first seen', async () => {
    const world = worldAtRest({});
    const move = (path: string, name = 'repo1'): void => {
      const pgbackrest = { repos: [{ name, s3: { bucket: 'shop' } }], global: { [`${name}-path`]: path } };
      world.cluster.operator.create(BLUE.cluster, { spec: { backups: { pgbackrest } } });
    };
    for (const path of ['/a', '/b']) {
      move(path);
      await confirm(world.context(request));
      expect(world.ledger.status.serving?.repositories).toEqual({ repo1: 's3 shop /a' });
    }
    move('/c', 'repo2');
    await confirm(world.context(request));
    expect(world.ledger.status.serving?.repositories).toEqual({ repo2: 's3 shop /c' });
  });

  const restored: RestoreRecord = {
    id: 'r1',
    digest: DIGEST,
    instance: BLUE.name,
    repository: 'repo1',
    target: 'latest',
    state: 'Restored',
    requestedAt: at(0).toISOString(),
    clientsOffAt: at(1).toISOString(),
    startedAt: at(2).toISOString(),
    applicationVersion: BLUE.version,
    before: { point: 'before-r1', lsn: '0/1', timeline: 1, at: at(1).toISOString() },
    recovery: { label: 'x', timeline: 1, reaches: at(0).toISOString(), options: [] },
  };

  const confirmed = { ...restored, clientsBackAt: at(9).toISOString() };

  test('the version that fits what was restored settles the restore; from then on another may come', async () => {
    const world = worldAtRest({ serving: SERVING, restores: [confirmed] });
    await confirm(world.context(request));
    expect(world.ledger.status.restores?.[0]?.settledAt).toBeDefined();
    const newer = { ...request, blue: { ...BLUE, version: '1.4' } };
    expect(await confirm(world.context(newer))).toMatchObject({ version: '1.4' });
  });

  test.each<[string, Partial<RestoreRecord>, string]>([
    [
      'another version than fits what was restored',
      { applicationVersion: '1.2', clientsBackAt: at(9).toISOString() },
      'restore-version',
    ],
    ['one that failed', { state: 'Failed' }, 'other-plan-open'],
    ['one that was restored, and whose clients are off', {}, 'other-plan-open'],
    ['a pause that was left', { state: 'Paused', startedAt: undefined }, 'other-plan-open'],
    ['a restore that goes on', { state: 'Restoring' }, 'other-plan-open'],
  ])('is refused beside %s', async (_what, more, code) => {
    const world = worldAtRest({ serving: SERVING, restores: [{ ...restored, ...more }] });
    await expect(confirm(world.context(request))).rejects.toMatchObject({ code });
    expect(world.ledger.status.phase).toBeUndefined();
  });

  test('goes on after a restore that failed, as soon as the file says that somebody has brought the database back', async () => {
    const world = worldAtRest(
      { serving: SERVING, restores: [{ ...restored, state: 'Failed' }] },
      { [ANNOTATION.acceptFailedRestore]: 'r1' },
    );
    expect(await confirm(world.context(request))).toMatchObject({ serving: BLUE.name });
    expect(world.ledger.status.restores?.[0]).toMatchObject({ state: 'Failed', clientsBackAt: expect.any(String) });
  });

  test('after a restore: what serves, for how long clients were off, a backup that makes nothing expire', async () => {
    const world = worldAtRest({ serving: SERVING, restores: [restored] });
    const target = { latest: true } as const;
    const context = world.context(requestFor('Restore', { restore: { id: 'r1', repository: 'repo1', target } }));
    expect(await confirm(context)).toMatchObject({
      serving: BLUE.name,
      givenUpFrom: at(0).toISOString(),
      givenUpUntil: at(1).toISOString(),
      backup: expect.stringContaining('a backup on demand is made with'),
    });
    expect(world.ledger.status).toMatchObject({ phase: 'Restored', restores: [{ clientsBackAt: expect.any(String) }] });
    const pgbackrest = {
      manual: { repoName: 'repo1', options: ['--type=incr'] },
      repos: [{ name: 'repo1', volume: {} }],
    };
    world.cluster.operator.create(BLUE.cluster, { spec: { backups: { pgbackrest } } });
    const again = world.context(requestFor('Restore', { ...context.request, digest: 'another' }));
    expect(await confirm(again)).toMatchObject({ backup: 'lifecycle-another-restored' });
  });

  test('again at the next sync, it changes nothing and keeps since', async () => {
    const world = worldAtRest({});
    await confirm(world.context(request));
    const { status } = world.ledger;
    const effects = world.cluster.effects.length;
    await world.clock.sleep(60_000);
    await confirm(world.context(request));
    expect(world.ledger.status).toEqual(status);
    expect(world.cluster.effects).toHaveLength(effects);
  });

  test('a new version is a new entry', async () => {
    const world = worldAtRest();
    await confirm(world.context(requestFor('AtRest', { blue: { ...BLUE, version: '1.4' } })));
    expect(world.ledger.status.serving).toMatchObject({ version: '1.4', digest: DIGEST });
  });

  test.each<[string, Status, string]>([
    ['a window is open', { serving: SERVING, decision: { ...decision, state: 'Fenced' } }, 'other-plan-open'],
    ['the traffic was switched away', { serving: SERVING, decision }, 'not-serving'],
    ['another instance serves', { serving: { ...SERVING, instance: 'other' } }, 'not-serving'],
  ])('refuses when %s', async (_name, status, code) => {
    const world = worldAtRest(status);
    await expect(confirm(world.context(request))).rejects.toMatchObject({ code });
    expect(world.ledger.status).toEqual(status);
  });

  test('a foreign pod behind the Service is no confirmation', async () => {
    const world = worldAtRest();
    addGreen(world);
    world.cluster.services.set('bestie', { 'lifecycle.bestie.com/lifecycle': 'bestie' });
    await expect(confirm(world.context(request))).rejects.toThrow(/bestie2-app-0 not of bestie/);
  });
});

describe('after a rehearsal', () => {
  const request = requestFor('Prepare');
  const done = (status: Status, name: string, from: number, to: number, evidence = {}): Status =>
    withDone(withStarted(status, DIGEST, name, at(from)), DIGEST, name, at(to), evidence);

  function rehearsed(): World {
    let status: Status = { serving: SERVING };
    status = done(status, 'verify', 20, 24, { rows: 100_000 });
    status = done(status, 'drain', 28, 32, { seconds: 4 });
    status = done(status, 'migrate', 33, 36);
    status = done(status, 'smoke', 45, 47);
    const world = worldAtRest(status);
    addGreen(world);
    const restore = {
      id: `~pgo-bootstrap-${GREEN.cluster}`,
      finished: true,
      succeeded: 1,
      completionTime: at(11).toISOString(),
    };
    world.cluster.operator.setStatus(GREEN.cluster, healthyStatus({ pgbackrest: { repos: [], restore } }));
    return world;
  }

  test('writes down what it measured; what only a rehearsal does is not in the expected window', async () => {
    const world = rehearsed();
    await confirm(world.context(request));
    expect(world.ledger.status).toMatchObject({
      phase: 'Prepared',
      rehearsal: {
        digest: DIGEST,
        parts: { clone: 11, start: 9, verify: 4, migrate: 3, application: 9, smoke: 2, drain: 4 },
        expectedWindowSeconds: 11 + 9 + 4 + 3 + 9 + 2 + 4 + 13,
        rows: 100_000,
      },
    });
  });

  test('without a migration it is confirm that ends blue on the clone', async () => {
    const world = rehearsed();
    const { ledger, cluster } = world;
    ledger.write({
      ...ledger.status,
      steps: ledger.status.steps?.filter(({ step }) => step !== 'migrate' && step !== 'drain'),
    });
    const { instance, application } = rehearsedBlue(GREEN.name);
    cluster.deployments.set(application, { instance, wanted: 1, ready: 1 });
    await confirm(world.context(requestFor('Prepare', { migrations: false })));
    expect(cluster.deployments.get(application)?.wanted).toBe(0);
    expect(ledger.status.rehearsal?.parts).toMatchObject({ application: 21, drain: expect.any(Number) });
  });

  test('a later sync keeps what was measured', async () => {
    const world = rehearsed();
    await confirm(world.context(request));
    const { rehearsal } = world.ledger.status;
    await world.clock.sleep(60_000);
    await confirm(world.context(request));
    expect(world.ledger.status.rehearsal).toEqual(rehearsal);
  });

  test('refuses when the traffic does not go to blue', async () => {
    const world = rehearsed();
    world.cluster.services.set('bestie', instanceSelector('bestie', GREEN.name));
    await expect(confirm(world.context(request))).rejects.toMatchObject({ code: 'step-out-of-order' });
  });

  test('refuses when a step is not on record', async () => {
    const world = rehearsed();
    world.ledger.write({ ...world.ledger.status, steps: [] });
    await expect(confirm(world.context(request))).rejects.toThrow('step verify is not done');
  });
});

describe('after a switch', () => {
  const request = requestFor('Switch');

  function switched(more: Partial<Decision> = {}, annotations: Record<string, string> = {}): World {
    const status: Status = { serving: SERVING, decision: { ...decision, ...more } };
    const world = worldAtRest(withDone(status, DIGEST, 'verify', at(10), { content: 'content' }), annotations);
    addGreen(world);
    world.cluster.services.set('bestie', instanceSelector('bestie', GREEN.name));
    world.cluster.deployments.set(BLUE.application, { instance: BLUE.name, wanted: 0, ready: 1 });
    world.cluster.operator.annotate(BLUE.cluster, { 'lifecycle.bestie.com/serving': 'bestie' });
    return world;
  }

  test('without a full reading, whoever closed blue has looked: what is not known to be nothing is refused, loudly', async () => {
    const physical = (more: Partial<Decision>): World => {
      const world = switched(more);
      world.ledger.write(withDone(world.ledger.status, DIGEST, 'verify', at(10), { tables: 30 }));
      return world;
    };
    const written = physical({ blueWrites: 'transactions 7 were committed since the fence' });
    await expect(confirm(written.context(request))).rejects.toThrow(/^lost-writes: .*transactions 7 were committed/);
    const world = physical({ lostWrites: 0 });
    expect(await confirm(world.context(request))).toMatchObject({ lostWrites: 0 });
    await expect(confirm(physical({}).context(request))).rejects.toThrow('nobody looked');
  });

  test('what nobody can prove is accepted by the one plan that the file names', async () => {
    const written = { lostWrites: undefined, blueWrites: 'transactions 7 were committed since the fence' };
    const accepting = (digest: string): Promise<unknown> => {
      const annotations = { [ANNOTATION.acceptLostWrites]: digest };
      const world = switched(written, annotations);
      world.ledger.write(withDone(world.ledger.status, DIGEST, 'verify', at(10), { tables: 30 }));
      return confirm(world.context(request));
    };
    await expect(accepting('other')).rejects.toMatchObject({ code: 'lost-writes' });
    expect(await accepting(DIGEST)).toMatchObject({
      lostWrites: 'accepted: bestie: transactions 7 were committed since the fence',
    });
  });

  test('a blue that was open again since the first look is looked at again', async () => {
    const world = switched({ lostWrites: 0 });
    let looks = 0;
    const stand = (): Promise<void> => {
      if ((looks += 1) === 2) {
        const now = { ...decision, blueWrites: 'transactions 9 were committed since the fence' };
        world.ledger.write({ ...world.ledger.status, decision: now });
      }
      return Promise.resolve();
    };
    const step = createConfirm(ok, () => Promise.resolve('other content'), stand)(world.context(request));
    await expect(step).rejects.toThrow(/^lost-writes: .*transactions 9/);
  });

  test('a closed blue that no longer holds what green was cloned from took writes: refused, loudly', async () => {
    const world = switched();
    const changed = createConfirm(ok, () => Promise.resolve('other content'), asDecided)(world.context(request));
    await expect(changed).rejects.toMatchObject({ code: 'lost-writes' });
    expect(world.ledger.status.decision?.lostWrites).toBeUndefined();
  });

  test('a blue that whoever closed it has proven to be untouched is not read again: an exporter may write there since', async () => {
    const content = (): Promise<string> => Promise.reject(new Error('read'));
    const world = switched({ lostWrites: 0 });
    expect(await createConfirm(ok, content, asDecided)(world.context(request))).toMatchObject({ lostWrites: 0 });
  });

  test('traffic seen on green, serving recorded and mirrored, a backup of green, window and lost writes', async () => {
    const world = switched();
    expect(await confirm(world.context(request))).toEqual({
      serving: GREEN.name,
      version: '1.4',
      replicas: 3,
      windowSeconds: 41.2,
      lostWrites: 0,
      backup: `lifecycle-${DIGEST}-green`,
      backupSeconds: 1,
    });
    expect(world.ledger.status).toMatchObject({
      phase: 'Confirmed',
      decision: { lostWrites: 0 },
      serving: { instance: GREEN.name, version: '1.4' },
    });
    expect(world.cluster.servingMark(GREEN.cluster)).toBe('bestie');
    expect(world.cluster.servingMark(BLUE.cluster)).toBeUndefined();
  });

  test("waits behind green's first full backup for as long as it takes, then for green's replicas", async () => {
    const world = switched();
    const { operator } = world.cluster;
    operator.jobs = [operatorJob(GREEN.cluster)];
    const spec = operator.view(GREEN.cluster)?.spec;
    operator.create(GREEN.cluster, { spec: { ...spec, instances: [{ name: 'set1', replicas: 2 }] } });
    let seconds = 0;
    world.clock.everySecond(() => {
      if ((seconds += 1) === 10_000) operator.jobs = [];
      if (seconds < 20_000) return;
      const { status = {} } = operator.view(GREEN.cluster) ?? {};
      const instances = [{ name: 'set1', replicas: 2, readyReplicas: 2, updatedReplicas: 2 }];
      operator.setStatus(GREEN.cluster, { ...status, instances });
    });
    await confirm(world.context(request));
    expect(world.ledger.status).toMatchObject({ phase: 'Confirmed', serving: { instance: GREEN.name } });
    expect(world.lines.some((line) => line.includes('instance set set1: 1 of 2 ready'))).toBe(true);
    expect(seconds).toBeGreaterThanOrEqual(20_000);
  });

  test("green's backup does not run again after another backup took its place", async () => {
    const world = switched();
    await confirm(world.context(request));
    await takeBackup(world.context(request), GREEN.cluster, 'on-demand');
    await confirm(world.context(request));
    expect(world.cluster.backups()).toEqual([`lifecycle-${DIGEST}-green`, 'on-demand']);
  });

  test.each<[string, Partial<Decision>, string]>([
    ['it is not committed', { state: 'Fenced' }, 'step-out-of-order'],
    ['another plan has decided', { digest: 'other' }, 'step-out-of-order'],
  ])('refuses when %s', async (_name, more, code) => {
    await expect(confirm(switched(more).context(request))).rejects.toMatchObject({ code });
  });

  test('waits until blue is closed', async () => {
    const world = switched();
    const { blueClosed, ...open } = decision;
    world.ledger.write({ ...world.ledger.status, decision: open });
    let left = 10;
    world.clock.everySecond(() => {
      if ((left -= 1) === 0) world.ledger.write({ ...world.ledger.status, decision: { ...open, blueClosed } });
    });
    await confirm(world.context(request));
    expect(world.lines[0]).toContain('committed, blue is not closed yet');
  });

  test('nothing that only takes long is a failure, and servers that are not as decided are made so', async () => {
    const world = switched();
    const { blueClosed, ...open } = decision;
    world.ledger.write({ ...world.ledger.status, decision: open });
    world.cluster.services.set('bestie', instanceSelector('bestie', BLUE.name));
    let [seconds, looks] = [0, 0];
    world.clock.everySecond(() => {
      if ((seconds += 1) === 1000) world.ledger.write({ ...world.ledger.status, decision: { ...open, blueClosed } });
      if (seconds === 3000) world.cluster.services.set('bestie', instanceSelector('bestie', GREEN.name));
    });
    const stand = (): Promise<void> =>
      (looks += 1) < 100 ? Promise.reject(new Error('green does not answer')) : Promise.resolve();
    await createConfirm(ok, unchanged, stand)(world.context(request));
    expect(world.ledger.status).toMatchObject({ phase: 'Confirmed' });
    expect(seconds).toBeGreaterThan(3000);
    // Once more at the end.
    expect(looks).toBe(101);
    expect(world.lines.some((line) => line.includes('green does not answer'))).toBe(true);
  });

  test('pods of blue that stay are named', async () => {
    const world = switched();
    world.cluster.deployments.set(BLUE.application, { instance: BLUE.name, wanted: 1, ready: 1 });
    await expect(confirm(world.context(request))).rejects.toThrow("end of bestie's pods: 1 are still there");
  });

  test('an answer that is not the expected one is a failed smoke test', async () => {
    const unwell = createConfirm(() => Promise.resolve(502), unchanged, asDecided);
    await expect(unwell(switched().context(request))).rejects.toMatchObject({ code: 'smoke-failed' });
  });
});
