/** Where a timeline was left for the next one. */
export interface Fork {
  readonly timeline: number;
  readonly lsn: bigint;
}

/** The timelines that led to one, oldest first, each with where it was left. */
export type History = readonly Fork[];

/** A way through the WAL: its timelines, oldest first; the last one goes on. */
export interface Way {
  readonly forks: History;
  readonly timeline: number;
}

/** @param lsn as PostgreSQL writes it, `16/B374D848`. */
export function parseLsn(lsn: string): bigint {
  const fields = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(lsn);
  if (!fields) throw new Error(`not an LSN: ${lsn}`);
  const [, high = '', low = ''] = fields;
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

/** A line of a history file: timeline, LSN and reason, separated by white space (`readTimeLineHistory` in timeline.c). */
const FORK = /^\s*(\d+)\s+([0-9A-F]{1,8}\/[0-9A-F]{1,8})/i;

/**
 * A restore by way of a timeline copies that one's history, also where it ended before one of its forks
 * (`writeTimeLineHistory` with the recovery's target): nothing behind a later fork is on the way.
 * @param text of a `.history` file; comments and blank lines are passed over. @throws Error for anything else.
 */
export function parseHistory(text: string): History {
  const lines = text.split('\n').filter((line) => !/^\s*(#|$)/.test(line));
  const forks = lines.map((line) => {
    const fields = FORK.exec(line);
    if (!fields) throw new Error(`not a line of a history file: ${line}`);
    return { timeline: Number(fields[1]), lsn: parseLsn(fields[2] ?? '') };
  });
  if (forks.length === 0) throw new Error('a history file without a timeline');
  return forks.map(({ timeline, lsn }, index) => {
    const later = forks.slice(index).map((fork) => fork.lsn);
    return { timeline, lsn: later.reduce((least, each) => (each < least ? each : least), lsn) };
  });
}

/** @returns undefined where the history of a timeline is not known; the first one has none. */
export function wayTo(timeline: number, histories: ReadonlyMap<number, History>): Way | undefined {
  const forks = timeline === 1 ? [] : histories.get(timeline);
  return forks && { forks, timeline };
}

/** Whether a way passes a position of a timeline: what was written there, and before it, is on the way. */
export function passes({ forks, timeline }: Way, position: Fork): boolean {
  if (position.timeline === timeline) return true;
  const fork = forks.find((each) => each.timeline === position.timeline);
  return fork !== undefined && position.lsn <= fork.lsn;
}
