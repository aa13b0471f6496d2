import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { ArchivedServer } from '../../../test/lab/postgres/archived-server.ts';
import { REAL_CLOCK } from '../../../test/lab/postgres/real-clock.ts';
import { useTemplate } from '../../../test/lab/postgres/use-template.ts';
import { POSTGRES } from '../../../test/lab/postgres/versions.ts';
import type { Recovery, Target } from '../../restorable/choose.ts';
import type { Life, Undoable } from '../../restorable/life.ts';
import type { Moment } from '../../restorable/moment.ts';
import { parseLsn } from '../../restorable/timeline.ts';
import { parseSegment } from '../../restorable/segments.ts';
import { waitArchived } from '../restore-point.ts';
import { withSession, type Session } from '../session.ts';
import { markMoment, type MarkedMoment } from './mark-moment.ts';
import { proveReachable } from './prove-reachable.ts';
import { readRepositoryRecord } from './read-record.ts';
import { hostOf } from './run-on-server.ts';

jest.setTimeout(180_000);

/** Debian's pgBackRest knows no newer PostgreSQL. */
const onDebians = POSTGRES === '15' ? describe : describe.skip;

const template = useTemplate();
let it: World | undefined;
afterEach(() => it?.database.stop());

/** A database that is restored again and again, as the steps do it. */
class World {
  readonly past: Undoable[] = [];
  readonly database: ArchivedServer;

  constructor(database: ArchivedServer) {
    this.database = database;
  }

  static async start(): Promise<World> {
    it = new World(await ArchivedServer.start(template()));
    await it.database.makeTable();
    return it;
  }

  /** @returns a moment at which the word is there, and nothing later. */
  async write(word: string): Promise<Moment> {
    await this.database.server.sql(`INSERT INTO kept VALUES ('${word}')`, 'bestie');
    return this.database.now();
  }

  /** Another instance takes over: a new timeline. */
  async failOver(): Promise<void> {
    const { server } = this.database;
    await server.stop('SIGINT');
    server.signal('standby');
    await server.start();
    await server.sql('SELECT pg_promote()');
    await server.promoted();
  }

  async mark(name: string): Promise<MarkedMoment> {
    return this.#withSession(async (session) => {
      const mark = await markMoment(session, () => name);
      if (!(await waitArchived(session, mark.walFile, { clock: REAL_CLOCK, seconds: 30 })))
        throw new Error('no archive');
      return mark;
    });
  }

  async choose(target: Target): Promise<Recovery> {
    const { at, timeline, walFile } = await this.mark('proof');
    return this.#withSession(async (session) => {
      const timelines = [...this.past.map((each) => each.timeline), timeline];
      const record = await readRepositoryRecord(hostOf(session), 'repo1', timelines);
      const segment = parseSegment(walFile, record.segmentBytes).number;
      const life: Life = { past: this.past, present: { timeline, at, segment } };
      return proveReachable(session, target, life, record);
    });
  }

  /** Keeps the way back under this id, then restores. */
  async restore(id: string, target: Target): Promise<void> {
    const recovery = await this.choose(target);
    const { at, timeline, lsn } = await this.mark(`before-${id}`);
    this.past.push({ id, point: `before-${id}`, at, timeline, lsn: parseLsn(lsn) });
    await this.database.restore(recovery.options);
  }

  #withSession<T>(use: (session: Session) => Promise<T>): Promise<T> {
    return withSession(this.database.openSuperuser(), use);
  }
}

onDebians('a restore that is called reachable', () => {
  test('reaches a moment after the last commit of a quiet database', async () => {
    const world = await World.start();
    await world.database.backup('full');
    const then = await world.write('a');
    await world.restore('r1', { time: then });
    expect(await world.database.words()).toBe('a');
  });

  test('reaches moments of timelines that later restores have left, and undoes them', async () => {
    const world = await World.start();
    const full = await world.database.backup('full');
    const a = await world.write('a');
    const b = await world.write('b');
    await world.restore('r1', { time: a });
    expect(await world.database.words()).toBe('a');
    const c = await world.write('c');
    // A backup of the new timeline, of no use for what only the old one has.
    const incremental = await world.database.backup('incr');
    const d = await world.write('d');
    await world.restore('r2', { time: b });
    expect(await world.database.words()).toBe('a b');
    await world.restore('r3', { time: c });
    expect(await world.database.words()).toBe('a c');
    await world.restore('r4', { time: d });
    expect(await world.database.words()).toBe('a c d');
    await world.restore('r5', { undo: 'r1' });
    expect(await world.database.words()).toBe('a b');
    await world.restore('r6', { undo: 'r5' });
    expect(await world.database.words()).toBe('a c d');
    await world.write('e');
    await world.restore('r7', { latest: true });
    expect(await world.database.words()).toBe('a c d e');
    await world.restore('r8', { backup: full });
    expect(await world.database.words()).toBe('');
    await world.restore('r9', { backup: incremental });
    expect(await world.database.words()).toBe('a c');
  });
});

onDebians('after a failover', () => {
  test('a backup of what a restore has left behind is not used, although the history of its timeline seems to hold it', async () => {
    const world = await World.start();
    await world.database.backup('full');
    const a = await world.write('a');
    await world.write('b');
    await world.database.backup('incr');
    await world.failOver();
    await world.write('c');
    await world.restore('r1', { time: a });
    const d = await world.write('d');
    await world.restore('r2', { latest: true });
    expect(await world.database.words()).toBe('a d');
    await world.write('e');
    await world.restore('r3', { time: d });
    expect(await world.database.words()).toBe('a d');
    await world.restore('r4', { undo: 'r1' });
    expect(await world.database.words()).toBe('a b c');
  });
});

onDebians('a restore is refused', () => {
  const refusal = (choosing: Promise<Recovery>): Promise<string> =>
    choosing.then(
      ({ label }) => `reached by ${label}`,
      (error: unknown) => String(error),
    );

  test('to a moment before the first backup ended, to one that is not over, and to what is not on record', async () => {
    const world = await World.start();
    const early = await world.write('a');
    const label = await world.database.backup('full');
    expect(await refusal(world.choose({ time: early }))).toMatch(
      /restore-target-too-early: .*repo1 can restore 20\S+Z to 20\S+Z$/,
    );
    expect(await refusal(world.choose({ time: (await world.database.now()) + 60_000_000 }))).toMatch(
      /restore-target-future: /,
    );
    expect(await refusal(world.choose({ backup: '20200101-000000F' }))).toMatch(
      new RegExp(`restore-target-unknown: repo1 has no backup 20200101-000000F, .*${label}$`),
    );
    expect(await refusal(world.choose({ undo: 'r1' }))).toMatch(/restore-target-unknown: .*on record: none$/);
  });

  test('where WAL on the way is missing, unless a commit behind the target stands before it', async () => {
    const world = await World.start();
    const first = await world.database.backup('full');
    const a = await world.write('a');
    await world.write('b');
    await world.mark('first');
    await world.write('c');
    const { walFile } = await world.mark('second');
    const d = await world.write('d');
    await world.database.forget(walFile);
    expect(await refusal(world.choose({ time: d }))).toMatch(`restore-target-in-gap: the archive lacks ${walFile}`);
    expect(await refusal(world.choose({ latest: true }))).toMatch('restore-target-in-gap');
    await world.restore('r1', { time: a });
    expect(await world.database.words()).toBe('a');
    await world.restore('r2', { backup: first });
    expect(await world.database.words()).toBe('');
  });
});
