import { dirname } from 'node:path/posix';
import type { DatabaseHost, Ran } from '../../restorable/database-host.ts';
import { quoteLiteral } from '../quote.ts';
import type { Session } from '../session.ts';

/** A repository in the cloud may be slow to answer; pgBackRest itself gives up after 60 s without a byte. */
const PROGRAM_SECONDS = 120;

/** What a shell reads as it stands: nothing that a person has written gets here, and nothing else passes. */
const WORD = /^[A-Za-z0-9_=.,/:-]+$/;

/**
 * Runs programs in the database's container, over SQL: that needs no right to exec, and works for repositories in the
 * cloud, which have no host of their own. `COPY … TO PROGRAM` and files, because `FROM PROGRAM` needs a table, at whose creation
 * event triggers would look; nothing is copied, so a program may end when it likes. The files stand beside the data: the operator limits
 * `/tmp` to 16 MiB, beyond which kubelet evicts the pod.
 * @param session superuser.
 */
export const hostOf = (session: Session): DatabaseHost => ({
  run: (commands, last) => runOnServer(session, commands, last),
  segmentBytes: async () => {
    const [row] = await session.query<{ bytes: string }>(
      `SELECT pg_size_bytes(current_setting('wal_segment_size'))::text AS bytes`,
    );
    return Number(row?.bytes);
  },
});

async function runOnServer(session: Session, ...[commands, last]: Parameters<DatabaseHost['run']>): Promise<Ran> {
  const folder = `${await besideData(session)}/lifecycle-${session.pid}`;
  const bounded = (words: readonly string[]): string => commandLine(['timeout', String(PROGRAM_SECONDS), ...words]);
  const lines = commands(folder).map(bounded);
  const [stdout, stderr, status] = ['stdout', 'stderr', 'status'].map((file) => `${folder}/${file}`);
  const into = `>>${stdout} 2>>${stderr}`;
  const run = lines.map((line) => `${line} ${into}`).join(' && ');
  const after = last ? ` && { ${bounded(last(folder))} ${into} ; true ; }` : '';
  try {
    const script = `rm -rf ${folder} && mkdir -m 700 ${folder} && { ${run}${after} ; echo $? >${status} ; }`;
    await shell(session, script, lines.length + 1);
    const [row] = await session.query<Omit<Ran, 'failed'> & { status: string }>(
      'SELECT pg_read_file($1) AS stdout, pg_read_file($2) AS stderr, pg_read_file($3) AS status',
      [stdout, stderr, status],
      PROGRAM_SECONDS,
    );
    return { failed: row?.status.trim() !== '0', stdout: row?.stdout ?? '', stderr: row?.stderr ?? '' };
  } finally {
    // What went wrong before says more.
    await shell(session, `rm -rf ${folder}`).catch(() => undefined);
  }
}

/** The folder that holds the data directory. */
async function besideData(session: Session): Promise<string> {
  const [row] = await session.query<{ data: string }>(`SELECT current_setting('data_directory') AS data`);
  return dirname(commandLine([row?.data ?? '']));
}

function commandLine(words: readonly string[]): string {
  const unfit = words.find((word) => !WORD.test(word));
  if (unfit !== undefined) throw new Error(`not a word for a shell: ${JSON.stringify(unfit)}`);
  return words.join(' ');
}

async function shell(session: Session, script: string, programs = 1): Promise<void> {
  const seconds = programs * PROGRAM_SECONDS + 10;
  await session.query(`COPY (SELECT WHERE false) TO PROGRAM ${quoteLiteral(script)}`, [], seconds);
}
