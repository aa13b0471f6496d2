import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chooseRecovery, type Choice, type Target } from './choose.ts';
import type { Life, Undoable } from './life.ts';
import type { Moment } from './moment.ts';
import { rangesOf, type Range } from './ranges.ts';
import type { Backup, RepositoryRecord } from './repository.ts';
import { segmentName } from './segments.ts';
import { isStillThere, type Turn } from './still-there.ts';
import { parseHistory, type History } from './timeline.ts';

const SEGMENT_BYTES = 2 ** 20;
const SECONDS = 1_000_000;

interface Written {
  readonly at: Moment;
  readonly lsn: bigint;
  readonly word: string;
}

/** A database, its clients and its repository, as simple as PostgreSQL's rules allow: every event is a segment of its own. */
class Model {
  readonly past: Undoable[] = [];
  readonly turns: Turn[] = [];
  readonly #backups: (Backup & { readonly timeline: number })[] = [];
  readonly #histories = new Map<number, History>();
  readonly #wal = new Map<number, Written[]>([[1, []]]);
  readonly #archived = new Set<string>();
  /** What clients saw, from which moment on. */
  readonly #seen: { readonly from: Moment; readonly words: string }[] = [];
  #timeline = 1;
  #clock = 0;
  #segment = 0;

  get now(): Moment {
    return this.#clock * 10 * SECONDS;
  }

  /** What clients have ever written, and when. */
  get written(): readonly Written[] {
    return [...this.#wal.values()].flat().filter(({ word }) => word !== '');
  }

  get words(): string {
    return this.#replay(this.#timeline, Infinity);
  }

  #tick(): bigint {
    this.#clock += 1;
    this.#segment += 1;
    this.#archived.add(segmentName({ timeline: this.#timeline, number: this.#segment }, SEGMENT_BYTES));
    return BigInt(this.#segment) * BigInt(SEGMENT_BYTES) + 1n;
  }

  /** @param word what a client wrote; none of a commit of ours. */
  #commit(word = ''): bigint {
    const lsn = this.#tick();
    this.#wal.get(this.#timeline)?.push({ at: this.now, lsn, word });
    return lsn;
  }

  write(): void {
    this.#commit(String(this.#clock));
    this.#seen.push({ from: this.now, words: this.words });
  }

  backup(): void {
    const lsn = this.#tick();
    const segment = segmentName({ timeline: this.#timeline, number: this.#segment }, SEGMENT_BYTES);
    this.#backups.push({
      label: `b${this.#clock}`,
      type: 'full',
      startedAt: this.now,
      stoppedAt: this.now,
      firstSegment: segment,
      lastSegment: segment,
      stopLsn: lsn,
      damaged: false,
      timeline: this.#timeline,
    });
  }

  /** Another instance takes over: a new timeline, behind everything that was written. */
  failOver(): void {
    this.#tick();
    this.#branch(this.#timeline, BigInt(this.#segment) * BigInt(SEGMENT_BYTES) + 1n);
  }

  lose(timeline: number, number: number): void {
    this.#archived.delete(segmentName({ timeline, number }, SEGMENT_BYTES));
  }

  /** What the restore of a choice would bring, or why it would fail. */
  outcome({ recovery }: Extract<Choice, { state: 'reachable' }>, until: Moment): string {
    const backup = this.#backups.find(({ label }) => label === recovery.label);
    if (!backup || this.#ownerOf(backup.stopLsn, recovery.timeline) !== backup.timeline) return 'not on the way';
    return this.#replay(recovery.timeline, until);
  }

  /** Restores to a moment that was found to be reachable, as PostgreSQL does: the commits until then, and a new timeline. */
  restore(id: string, choice: Extract<Choice, { state: 'reachable' }>, until: Moment): void {
    const lsn = this.#commit();
    const at = this.now;
    this.turns.push({ at, to: choice.recovery.reaches });
    this.past.push({ id, point: `before-${id}`, lsn, timeline: this.#timeline, at });
    const { timeline } = choice.recovery;
    const next = this.#on(timeline).find((written) => written.at > until);
    this.#branch(timeline, (next?.lsn ?? lsn) - 1n);
    this.#seen.push({ from: at, words: this.words });
  }

  /** The history of the timeline that is left is copied as it is, also where that ends before one of its forks. */
  #branch(timeline: number, lsn: bigint): void {
    const next = Math.max(...this.#wal.keys()) + 1;
    this.#histories.set(next, [...(this.#histories.get(timeline) ?? []), { timeline, lsn }]);
    this.#wal.set(next, []);
    this.#timeline = next;
    // The new timeline goes on in the segment in which the old one was left.
    this.#segment = Number(lsn / BigInt(SEGMENT_BYTES)) - 1;
    this.#tick();
  }

  /** A commit of ours, now. */
  life(): Life {
    this.#commit();
    return { past: this.past, present: { timeline: this.#timeline, at: this.now, segment: this.#segment } };
  }

  record(): RepositoryRecord {
    return {
      name: 'repo1',
      backups: this.#backups,
      archived: this.#archived,
      histories: new Map([...this.#histories].map(([timeline, forks]) => [timeline, parseHistory(textOf(forks))])),
      segmentBytes: SEGMENT_BYTES,
    };
  }

  /** What clients saw at a moment. */
  seenAt(moment: Moment): string {
    return this.#seen.findLast(({ from }) => from <= moment)?.words ?? '';
  }

  /** On which timeline a position stands for a recovery by way of one: the newest that had begun (`tliOfPointInHistory`). */
  #ownerOf(lsn: bigint, way: number): number {
    const forks = this.#histories.get(way) ?? [];
    const timelines = [...forks.map(({ timeline }) => timeline), way];
    return timelines.findLast((_, index) => index === 0 || (forks[index - 1]?.lsn ?? 0n) < lsn) ?? 1;
  }

  #on(way: number): readonly Written[] {
    const all = [...this.#wal].flatMap(([timeline, written]) => written.map((each) => ({ timeline, ...each })));
    return all
      .filter(({ timeline, lsn }) => this.#ownerOf(lsn, way) === timeline)
      .sort((a, b) => (a.lsn < b.lsn ? -1 : 1));
  }

  #replay(way: number, until: Moment): string {
    const there = this.#on(way).filter(({ at }) => at <= until);
    return there.flatMap(({ word }) => word || []).join(' ');
  }
}

/** As the archive holds it. */
const textOf = (forks: History): string =>
  forks.map(({ timeline, lsn }) => `${timeline}\t${lsnText(lsn)}\tno reason\n`).join('');
const lsnText = (lsn: bigint): string => `${(lsn >> 32n).toString(16)}/${(lsn & 0xffffffffn).toString(16)}`;

type Event = 'write' | 'backup' | 'failover' | { readonly restoreTo: number } | { readonly undo: number };

/** A part of the time that has passed. */
const part = fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000);

const events: fc.Arbitrary<readonly Event[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.constant('write' as const) },
    { weight: 2, arbitrary: fc.constant('backup' as const) },
    { weight: 1, arbitrary: fc.constant('failover' as const) },
    { weight: 2, arbitrary: part.map((restoreTo) => ({ restoreTo })) },
    { weight: 1, arbitrary: part.map((undo) => ({ undo })) },
  ),
  { minLength: 3, maxLength: 40, size: 'max' },
);

function restored(model: Model, id: string, event: Exclude<Event, string>): void {
  const undone = 'undo' in event ? model.past[Math.floor(event.undo * model.past.length)] : undefined;
  // Just before the commit of ours that ended it.
  const time = 'undo' in event ? (undone?.at ?? 0) - 1 : Math.floor(event.restoreTo * model.now);
  const choice = chooseRecovery(undone ? { undo: undone.id } : { time }, model.life(), model.record());
  if (choice.state === 'reachable') model.restore(id, choice, time);
}

function played(history: readonly Event[]): Model {
  const model = new Model();
  for (const [index, event] of history.entries()) {
    if (event === 'write') model.write();
    else if (event === 'backup') model.backup();
    else if (event === 'failover') model.failOver();
    else restored(model, `r${index}`, event);
  }
  return model;
}

/** Asked of a model with a commit of ours. */
function asked(model: Model, target: Target): { readonly choice: Choice; readonly ranges: readonly Range[] } {
  const [life, record] = [model.life(), model.record()];
  return { choice: chooseRecovery(target, life, record), ranges: rangesOf(life, record) };
}

test('whatever was restored before, a moment that is reachable brings what clients saw then', () => {
  let reached = 0;
  fc.assert(
    fc.property(events, part, (history, at) => {
      const model = played(history);
      const time = Math.floor(at * model.now);
      const { choice, ranges } = asked(model, { time });
      expect(choice.state === 'reachable').toBe(ranges.some(({ from, to }) => from <= time && time <= to));
      if (choice.state !== 'reachable') return;
      reached += 1;
      expect(model.outcome(choice, time)).toBe(model.seenAt(time));
    }),
    { numRuns: 500 },
  );
  expect(reached).toBeGreaterThan(100);
});

test('whatever was restored, each restore can be undone', () => {
  fc.assert(
    fc.property(events, (history) => {
      const model = played(history);
      for (const { id, at } of model.past) {
        const { choice } = asked(model, { undo: id });
        if (choice.state !== 'reachable') throw new Error(`${id}: ${JSON.stringify(choice)}`);
        expect(model.outcome(choice, at)).toBe(model.seenAt(at - 1));
      }
    }),
  );
});

test('where a segment is lost, what the ranges hold is still reachable, and what they lack needs a commit before it', () => {
  fc.assert(
    fc.property(events, part, part, part, (history, at, lost, timeline) => {
      const model = played(history);
      model.lose(1 + Math.floor(timeline * 3), 1 + Math.floor(lost * history.length));
      const time = Math.floor(at * model.now);
      const { choice, ranges } = asked(model, { time });
      const within = ranges.some(({ from, to }) => from <= time && time <= to);
      expect(choice.state).not.toBe(within ? 'refused' : 'reachable');
    }),
  );
});

test('what the restores have undone is not there any more, and what they have brought back is', () => {
  fc.assert(
    fc.property(events, (history) => {
      const model = played(history);
      const there = model.written.filter(({ at }) => isStillThere(model.turns, at));
      expect(there.map(({ word }) => word).sort()).toEqual(model.words.split(' ').filter(Boolean).sort());
    }),
    { numRuns: 300 },
  );
});
