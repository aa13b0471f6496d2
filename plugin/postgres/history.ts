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
 * The entries of the newest `pg_wal/*.history`, oldest first; PostgreSQL writes one when recovery ends (`writeTimeLineHistory` in
 * xlog's timeline.c: timeline, LSN and reason, separated by tabs).
 * @param session superuser. @returns none on a server that was never recovered.
 */
export async function branches(session: Session): Promise<readonly Branch[]> {
  const [file] = await session.query<{ content: string }>(`
    SELECT pg_read_file('pg_wal/' || name) AS content FROM pg_ls_waldir()
     WHERE name ~ '^[0-9A-F]{8}\\.history$' ORDER BY name DESC LIMIT 1`);
  return (file?.content ?? '').split('\n').flatMap((line) => {
    const fields = /^(\d+)\t([0-9A-F]+\/[0-9A-F]+)\t(.*)$/.exec(line);
    return fields ? [{ timeline: Number(fields[1]), lsn: fields[2] ?? '', reason: fields[3] ?? '' }] : [];
  });
}
