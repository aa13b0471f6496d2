import { servesBy } from '../steps/ledger/serves-by.ts';
import type { PodHost } from '../cluster/database-host.ts';
import { textOf } from '../errors/text-of.ts';
import { instanceObjects } from '../plan/names.ts';
import type { StepInstance } from '../plan/step-request.ts';
import { readRepositoryRecord } from '../postgres/repository/read-record.ts';
import type { Life, Undoable } from '../restorable/life.ts';
import { isoMoment, type Moment } from '../restorable/moment.ts';
import { rangesOf } from '../restorable/ranges.ts';
import type { RepositoryRecord } from '../restorable/repository.ts';
import { parseSegment, segmentAt } from '../restorable/segments.ts';
import { undoable } from '../steps/restore/undoable.ts';
import { isLifecycleError } from './failure.ts';
import type { LifecycleObject } from './status-view.ts';

/** What can be restored, as a restore's preflight will see it. Moments are ISO 8601 in UTC. */
export interface RestorableView {
  readonly lifecycle: string;
  readonly namespace: string;
  readonly instance: string;
  /** The server cannot archive at the moment: what it wrote since then is in no repository. */
  readonly archivedUntil?: string;
  readonly repositories: readonly RepositoryView[];
  /** Restores that can be undone, oldest first: what was there until then comes back. */
  readonly undo: readonly { readonly id: string; readonly until: string }[];
}
export interface RepositoryView {
  readonly name: string;
  /** Oldest first; the last one ends now. `gap`: a WAL segment that the archive lacks behind it. */
  readonly ranges: readonly { readonly from: string; readonly to: string; readonly gap?: string }[];
  readonly backups: readonly {
    readonly label: string;
    readonly type: string;
    readonly startedAt: string;
    readonly stoppedAt: string;
    readonly damaged: boolean;
  }[];
  /** Why nothing is known of it: `code: text`. */
  readonly problem?: string;
}

/** After a switch it is green, or what was restored beside, until the file has gone on. */
export function servingInstance({ spec, status }: Pick<LifecycleObject, 'spec' | 'status'>): StepInstance {
  const { blue, green, restore } = spec;
  const name = servesBy(status);
  if (name !== undefined && restore?.name === name)
    return instanceObjects({ name, version: restore.applicationVersion ?? blue.version });
  return instanceObjects(green?.name === name && green ? green : blue);
}

/**
 * Reads each repository's own record in the database's container; nothing is written.
 * @param reading told before each repository, which may take a while to answer
 */
export async function restorableView(
  { metadata, spec, status }: LifecycleObject,
  instance: StepInstance,
  host: PodHost,
  reading: (repository: string) => void,
): Promise<RestorableView> {
  const past = undoable(status, instance);
  const present = await presentOf(host);
  const repositories: RepositoryView[] = [];
  for (const { name } of spec.backup.repositories) {
    reading(name);
    repositories.push(await readRepository(host, name, past, present));
  }
  return {
    lifecycle: metadata.name,
    namespace: metadata.namespace,
    instance: instance.name,
    ...(present.stuck && { archivedUntil: isoMoment(present.at) }),
    repositories,
    undo: past.map(({ id, at }) => ({ id, until: isoMoment(at) })),
  };
}

interface Present {
  readonly timeline: number;
  /** Until when: now, or when the server could archive for the last time. */
  readonly at: Moment;
  readonly stuck: boolean;
}

async function presentOf(host: PodHost): Promise<Present> {
  const [file = '', stuck, at] = await host.row(
    `SELECT pg_walfile_name(pg_current_wal_lsn()), is_stuck,
            (extract(epoch FROM CASE WHEN is_stuck THEN last_archived_time ELSE clock_timestamp() END) * 1000000)::bigint
       FROM (SELECT last_archived_time, coalesce(last_failed_time > last_archived_time, false) AS is_stuck
               FROM pg_stat_archiver) AS archiver`,
  );
  return { timeline: parseInt(file.slice(0, 8), 16), at: Number(at), stuck: stuck === 't' };
}

async function readRepository(
  host: PodHost,
  name: string,
  past: readonly Undoable[],
  { timeline, at }: Present,
): Promise<RepositoryView> {
  try {
    const timelines = [...past.map((each) => each.timeline), timeline];
    const record = await readRepositoryRecord(host, name, timelines);
    const segment = Math.max(lastArchived(record, timeline), lastFork(record, timeline));
    const life: Life = { past, present: { timeline, at, segment } };
    return {
      name,
      ranges: rangesOf(life, record).map(({ from, to, gap }) => ({
        from: isoMoment(from),
        to: isoMoment(to),
        ...(gap !== undefined && { gap }),
      })),
      backups: record.backups.map(({ label, type, startedAt, stoppedAt, damaged }) => ({
        label,
        type,
        startedAt: isoMoment(startedAt),
        stoppedAt: isoMoment(stoppedAt),
        damaged,
      })),
    };
  } catch (error) {
    if (!isLifecycleError(error) || error.code !== 'restore-repository-unreadable') throw error;
    return { name, ranges: [], backups: [], problem: textOf(error) };
  }
}

/** A timeline that has just begun has nothing in the archive yet: what led to it has to be there. */
function lastFork({ histories, segmentBytes }: RepositoryRecord, timeline: number): number {
  const fork = histories.get(timeline)?.at(-1);
  return fork ? segmentAt(fork.lsn, segmentBytes) : 0;
}

/** What the server has not archived yet, preflight makes it archive. */
function lastArchived({ archived, segmentBytes }: RepositoryRecord, timeline: number): number {
  const numbers = [...archived]
    .map((name) => parseSegment(name, segmentBytes))
    .filter((segment) => segment.timeline === timeline)
    .map(({ number }) => number);
  return Math.max(0, ...numbers);
}
