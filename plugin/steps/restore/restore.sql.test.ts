import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { ArchivedServer } from '../../../test/lab/postgres/archived-server.ts';
import { Namespace } from '../../../test/lab/postgres/namespace.ts';
import { REAL_CLOCK } from '../../../test/lab/postgres/real-clock.ts';
import { useTemplate } from '../../../test/lab/postgres/use-template.ts';
import { POSTGRES } from '../../../test/lab/postgres/versions.ts';
import { closeRoles, denyLogin } from '../../postgres/roles.ts';
import { withSession } from '../../postgres/session.ts';
import { instanceSelector, LABEL } from '../../plan/labels.ts';
import { isoMoment, type Moment } from '../../restorable/moment.ts';
import type { Target } from '../../restorable/choose.ts';
import { MAINTENANCE, openSuperuser } from '../database/sessions.ts';
import type { StepContext } from '../ports/step.ts';
import { MemoryCluster } from '../testing/memory-cluster.ts';
import { MemoryLedger } from '../testing/memory-ledger.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { BLUE, requestFor } from '../testing/world.ts';
import { pause } from './pause.ts';
import { pauseDatabase, resumeDatabase } from './pause-database.ts';
import { prepareRestore } from './prepare-restore.ts';
import { moveRestore, noteRestore, restoreOf } from './restore-records.ts';
import { resume } from './resume.ts';
import { verifyRestored } from './verify-restored.ts';
import { wantedRestore, type WantedRestore } from './wanted-restore.ts';

jest.setTimeout(180_000);

/** Debian's pgBackRest knows no newer PostgreSQL. */
const onDebians = POSTGRES === '15' ? describe : describe.skip;

const template = useTemplate();
let opened: World | undefined;
afterEach(() => opened?.database.stop());

/** A database that serves, with its ledger; the operator's part of a restore is played by hand. */
class World {
  readonly ledger = new MemoryLedger();
  readonly cluster = new MemoryCluster(new VirtualClock());
  readonly database: ArchivedServer;

  constructor(database: ArchivedServer) {
    this.database = database;
  }

  static async start(): Promise<World> {
    opened = new World(await ArchivedServer.start(template()));
    await opened.database.makeTable();
    await opened.database.backup('full');
    return opened;
  }

  get context(): StepContext {
    return {
      request: requestFor('AtRest', { approval: 'not needed' }),
      namespace: 'prod',
      ledger: this.ledger,
      cluster: this.cluster,
      clock: REAL_CLOCK,
      progress: { report: () => undefined },
      secrets: this.database.secrets,
      signal: new AbortController().signal,
    };
  }

  async write(word: string): Promise<Moment> {
    const client = await this.database.server.client('bestie');
    try {
      await client.query(`INSERT INTO kept VALUES ('${word}')`);
    } finally {
      await client.end();
    }
    return this.database.now();
  }

  readonly #wanted = new Map<string, WantedRestore>();

  async prepare(id: string, target: Target): Promise<unknown> {
    const wanted = { id, repository: 'repo1', target, text: JSON.stringify(target) };
    this.#wanted.set(id, this.#wanted.get(id) ?? wanted);
    return prepareRestore(this.context, wanted);
  }

  async pause(id: string): Promise<unknown> {
    const wanted = this.#wanted.get(id);
    if (!wanted) throw new Error(`${id} is not prepared`);
    const off = { clientsOffAt: new Date().toISOString() };
    this.ledger.write(noteRestore(this.ledger.status, id, ['Requested', 'Paused'], off) ?? this.ledger.status);
    return pauseDatabase(this.context, wanted);
  }

  /** What the step of the restore and the operator do. */
  async operate(id: string): Promise<void> {
    const record = restoreOf(this.ledger.status, id);
    this.ledger.write(moveRestore(this.ledger.status, id, 'Restoring', { startedAt: new Date().toISOString() }) ?? {});
    await this.database.restore(record?.recovery.options ?? []);
    this.ledger.write(moveRestore(this.ledger.status, id, 'Restored') ?? {});
  }

  async restore(id: string, target: Target): Promise<void> {
    await this.prepare(id, target);
    await this.pause(id);
    await this.operate(id);
    await verifyRestored(this.context, id);
  }

  asSuperuser<T>(use: Parameters<typeof withSession<T>>[1]): Promise<T> {
    return withSession(openSuperuser(this.context, BLUE, 'test')(MAINTENANCE), use);
  }
}

onDebians('a restore in place', () => {
  test('keeps everything that was acknowledged until the pause, for the way back', async () => {
    const world = await World.start();
    const then = await world.write('a');
    await world.prepare('r1', { time: then });
    const acknowledged: string[] = [];
    const writing = (async () => {
      for (let n = 0; ; n += 1) {
        await world.write(`w${n}`);
        acknowledged.push(`w${n}`);
      }
    })().catch(String);
    while (acknowledged.length < 20) await new Promise((resolve) => setTimeout(resolve, 10));
    await world.pause('r1');
    expect(await writing).toMatch(/not permitted to log in|terminat/);
    await world.operate('r1');
    await verifyRestored(world.context, 'r1');
    expect(await world.database.words()).toBe('a');
    await world.restore('r2', { undo: 'r1' });
    expect((await world.database.words()).split(' ')).toEqual(expect.arrayContaining(['a', ...acknowledged]));
    await world.write('after');
  });

  test('that never began is undone: the roles are as they were', async () => {
    const world = await World.start();
    await world.prepare('r1', { time: await world.write('a') });
    await world.pause('r1');
    await expect(world.write('b')).rejects.toThrow('not permitted to log in');
    await resumeDatabase(world.context, 'r1');
    await world.write('b');
    expect(await world.database.words()).toBe('a b');
    // The way back of the first pause does not hold what was written since.
    await world.pause('r1');
    await world.operate('r1');
    await world.restore('r2', { undo: 'r1' });
    expect(await world.database.words()).toBe('a b');
  });

  test('is refused while the database still stands when the repository has lost what leads there since it was proven', async () => {
    const world = await World.start();
    const then = await world.write('a');
    await world.prepare('r1', { time: then });
    for (const type of ['full', 'full'])
      await world.database.pgBackRest(`--type=${type}`, '--repo1-retention-full=1', 'backup');
    await expect(world.pause('r1')).rejects.toMatchObject({ code: 'restore-target-too-early' });
    await resumeDatabase(world.context, 'r1');
    await world.write('b');
    expect(await world.database.words()).toBe('a b');
  });

  test('to a moment inside of a window puts back what that had taken from the roles', async () => {
    const world = await World.start();
    await world.write('a');
    await world.asSuperuser(async (session) => {
      await closeRoles(session);
      await denyLogin(session, ['reporter']);
    });
    const inside = await world.database.now();
    await world.asSuperuser(async (session) => {
      await session.query(
        'ALTER ROLE bestie RESET default_transaction_read_only; ALTER ROLE bestie RESET lock_timeout',
      );
      await session.query('ALTER ROLE reporter LOGIN');
    });
    await world.restore('r1', { time: inside });
    await world.write('b');
    await (await world.database.server.client('reporter')).end();
    expect(await world.database.words()).toBe('a b');
  });

  test('to a moment before passwords were changed: the operator is asked to write them again', async () => {
    const world = await World.start();
    const then = await world.write('a');
    await world.database.server.sql(`ALTER ROLE bestie PASSWORD 'new'; ALTER ROLE postgres PASSWORD 'newer'`);
    world.database.publish({ bestie: 'new', postgres: 'newer' });
    await world.prepare('r1', { time: then });
    await world.pause('r1');
    await world.operate('r1');
    const verified = verifyRestored(world.context, 'r1');
    while (world.cluster.effects.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    await world.database.server.sql(`ALTER ROLE bestie PASSWORD 'new'; ALTER ROLE postgres PASSWORD 'newer'`);
    expect((await verified)['endedBecause']).toMatch(/^before /);
    expect(world.cluster.effects).toEqual([`reapply users ${BLUE.cluster}`]);
  });

  test('as steps: clients are off while it is paused, and back when the hook finds that it has not begun', async () => {
    const world = await World.start();
    const time = isoMoment(await world.write('a'));
    const restore = { id: 'r1', repository: 'repo1', target: { time } };
    const cluster = Object.assign(new Namespace('bestie'), { jobs: () => Promise.resolve([]) });
    cluster.add(BLUE);
    await cluster.setServiceSelector('bestie', instanceSelector('bestie', BLUE.name));
    const context = { ...world.context, cluster, request: requestFor('Restore', { restore }) };
    await prepareRestore(context, wantedRestore(context.request));
    expect(await pause(context)).toMatchObject({ reaches: time });
    expect(cluster.selectors.get('bestie')).toMatchObject({ [LABEL.paused]: 'r1' });
    expect((await cluster.deployment(BLUE.application))?.replicas).toBe(0);
    await expect(world.write('b')).rejects.toThrow('not permitted to log in');
    // On record as begun, but its request was refused.
    const begun = moveRestore(world.ledger.status, 'r1', 'Restoring', { startedAt: new Date().toISOString() });
    world.ledger.write(begun ?? {});
    expect(await resume(context)).toEqual({ restore: 'not begun', traffic: 'on' });
    expect(cluster.selectors.get('bestie')).toEqual(instanceSelector('bestie', BLUE.name));
    expect((await cluster.deployment(BLUE.application))?.replicas).toBe(3);
    await world.write('b');
    expect(await world.database.words()).toBe('a b');
  });

  test('is refused under an id that stands for another one', async () => {
    const world = await World.start();
    const then = await world.write('a');
    await world.prepare('r1', { time: then });
    await expect(world.prepare('r1', { time: then })).resolves.toMatchObject({ restore: 'Requested' });
    await expect(world.prepare('r1', { latest: true })).rejects.toMatchObject({ code: 'restore-id-used' });
  });
});
