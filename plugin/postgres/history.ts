import type { Session } from './session.ts';

/** Where and why a server's last timeline branched off, as its history file tells it. */
export interface Branch {
  /** The timeline that was left. */
  readonly timeline: number;
  readonly lsn: string;
  /** `at restore point "lifecycle-…"`, `no recovery target specified`, … */
  readonly reason: string;
}

/**
 * The last entry of the newest `pg_wal/*.history`; PostgreSQL writes it when recovery ends (`writeTimeLineHistory` in
 * xlog's timeline.c: timeline, LSN and reason, separated by tabs).
 * @param session superuser. @returns undefined on a server that was never recovered.
 */
export async function lastBranch(session: Session): Promise<Branch | undefined> {
  const [file] = await session.query<{ content: string }>(`
    SELECT pg_read_file('pg_wal/' || name) AS content FROM pg_ls_waldir()
     WHERE name ~ '^[0-9A-F]{8}\\.history$' ORDER BY name DESC LIMIT 1`);
  const line = file?.content.trimEnd().split('\n').at(-1);
  const fields = line === undefined ? null : /^(\d+)\t([0-9A-F]+\/[0-9A-F]+)\t(.*)$/.exec(line);
  if (!fields) return undefined;
  const [, timeline = '', lsn = '', reason = ''] = fields;
  return { timeline: Number(timeline), lsn, reason };
}
