import type { PodHost } from '../cluster/database-host.ts';
import { LifecycleError } from '../errors/errors.ts';
import { textOf } from '../errors/text-of.ts';
import { instanceObjects } from '../plan/names.ts';
import { readRepositoryRecord } from '../postgres/repository/read-record.ts';
import type { Life, Undoable } from '../restorable/life.ts';
import { isoMoment } from '../restorable/moment.ts';
import { rangesOf } from '../restorable/ranges.ts';
import type { RepositoryRecord } from '../restorable/repository.ts';
import { parseSegment } from '../restorable/segments.ts';
import { undoable } from '../steps/restore/undoable.ts';
import type { LifecycleObject } from './status-view.ts';

/** What can be restored, as a restore's preflight will see it. Moments are ISO 8601 in UTC. */
export interface RestorableView {
  readonly lifecycle: string;
  readonly namespace: string;
  readonly instance: string;
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

/**
 * Reads each repository's own record in the database's container; nothing is written.
 * @param reading told before each repository, which may take a while to answer
 */
export async function restorableView(
  { metadata, spec, status }: LifecycleObject,
  host: PodHost,
  reading: (repository: string) => void,
): Promise<RestorableView> {
  const instance = instanceObjects(spec.blue);
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
    repositories,
    undo: past.map(({ id, at }) => ({ id, until: isoMoment(at) })),
  };
}

type Present = Pick<Life['present'], 'timeline' | 'at'>;

async function presentOf(host: PodHost): Promise<Present> {
  const [at, file] = await host.row(
    'SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, pg_walfile_name(pg_current_wal_lsn())',
  );
  return { at: Number(at), timeline: parseInt((file ?? '').slice(0, 8), 16) };
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
    const life: Life = { past, present: { timeline, at, segment: lastArchived(record, timeline) } };
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
    if (error instanceof LifecycleError && error.code !== 'restore-repository-unreadable') throw error;
    return { name, ranges: [], backups: [], problem: textOf(error) };
  }
}

/** What the server has not archived yet, preflight makes it archive. */
function lastArchived({ archived, segmentBytes }: RepositoryRecord, timeline: number): number {
  const numbers = [...archived]
    .map((name) => parseSegment(name, segmentBytes))
    .filter((segment) => segment.timeline === timeline)
    .map(({ number }) => number);
  return Math.max(0, ...numbers);
}
