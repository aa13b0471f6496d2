import { z } from 'zod';
import { textOf } from '../../errors/text-of.ts';
import type { Backup, RepositoryRecord } from '../../restorable/repository.ts';
import { parseHistory, parseLsn, type History } from '../../restorable/timeline.ts';
import type { DatabaseHost } from '../../restorable/database-host.ts';
import { pgBackRest, readArchived, STANZA, unreadable } from './pgbackrest.ts';

/** `pgbackrest info --output=json`, as far as it is read (pgBackRest 2.40 on: `cmdInfo` in src/command/info/info.c). */
const lsn = z.string().transform(parseLsn);
const seconds = z.int().transform((value) => value * 1_000_000);
const backup = z.object({
  label: z.string(),
  type: z.enum(['full', 'diff', 'incr']),
  error: z.boolean().nullish(),
  timestamp: z.object({ start: seconds, stop: seconds }),
  archive: z.object({ start: z.string().nullable(), stop: z.string().nullable() }),
  lsn: z.object({ stop: lsn }).nullish(),
  database: z.object({ id: z.int() }),
});
const stanza = z.object({
  name: z.string(),
  status: z.object({ message: z.string() }),
  db: z.array(z.object({ id: z.int() })),
  archive: z.array(z.object({ id: z.string(), database: z.object({ id: z.int() }) })),
  backup: z.array(backup),
});
const info = z.array(stanza);

/** A whole segment as pgBackRest names it: with its checksum, and an ending where it is compressed. */
const SEGMENT = /(?:^|\/)([0-9A-F]{24})-[0-9a-f]{40}(?:\.\w+)?$/;
const HISTORY = /(?:^|\/)([0-9A-F]{8})\.history$/;

/**
 * What a repository holds of a database, from the repository itself.
 * @param host of the primary. @param name `repo1` to `repo4`. @param timelines whose histories are needed.
 * @throws LifecycleError restore-repository-unreadable.
 */
export async function readRepositoryRecord(
  host: DatabaseHost,
  name: string,
  timelines: readonly number[],
): Promise<RepositoryRecord> {
  const is = parseInfo(await pgBackRest(host, name, 'info', '--output=json'), name);
  // A database that was upgraded has its older ids before its own.
  const database = is.db.at(-1)?.id;
  const archive = is.archive.find((each) => each.database.id === database)?.id;
  const folder = `archive/${STANZA}/${archive ?? ''}`;
  const list = archive === undefined ? '' : await pgBackRest(host, name, 'repo-ls', '--recurse', folder);
  const files = list.split('\n');
  const histories = new Map<number, History>();
  for (const file of files.flatMap((each) => HISTORY.exec(each)?.[1] ?? [])) {
    const timeline = parseInt(file, 16);
    if (timelines.includes(timeline)) histories.set(timeline, await readHistory(host, name, file));
  }
  return {
    name,
    backups: is.backup.flatMap((each) => (each.database.id === database ? toBackup(each) : [])),
    archived: new Set(files.flatMap((file) => SEGMENT.exec(file)?.[1] ?? [])),
    histories,
    segmentBytes: await host.segmentBytes(),
  };
}

function parseInfo(text: string, name: string): z.output<typeof stanza> {
  const parsed = info.safeParse(jsonOf(text));
  if (!parsed.success)
    throw unreadable(name, `pgbackrest info says what is not understood: ${z.prettifyError(parsed.error)}`);
  const is = parsed.data.find((each) => each.name === STANZA);
  if (is === undefined || is.db.length === 0)
    throw unreadable(name, is?.status.message ?? `there is no stanza ${STANZA}`);
  return is;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One that has no end in the WAL was not finished. */
function toBackup({ label, type, error, timestamp, archive, lsn }: z.output<typeof backup>): readonly Backup[] {
  if (archive.start === null || archive.stop === null || !lsn) return [];
  return [
    {
      label,
      type,
      startedAt: timestamp.start,
      stoppedAt: timestamp.stop,
      firstSegment: archive.start,
      lastSegment: archive.stop,
      stopLsn: lsn.stop,
      damaged: error === true,
    },
  ];
}

async function readHistory(host: DatabaseHost, name: string, timeline: string): Promise<History> {
  const file = `${timeline}.history`;
  const text = await readArchived(host, name, file, ['cat']);
  try {
    return parseHistory(text);
  } catch (error) {
    throw unreadable(name, `${file}: ${textOf(error)}`);
  }
}
