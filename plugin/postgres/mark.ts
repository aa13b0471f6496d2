import type { Session } from './session.ts';

/**
 * Marks on a server: names that stay, through a crash too, until they are taken off. Each is a replication origin that nothing
 * replicates from (ADR 18): a row of its own in a catalog of the whole server, which only a superuser can write and no session,
 * setting, lock or backup takes notice of.
 */
export const MARK_PREFIX = 'lifecycle-';

/** Read from the catalog: the functions that look fail on a standby. */
const MARKED = 'SELECT roname FROM pg_catalog.pg_replication_origin WHERE starts_with(roname, $1)';

export async function setMark(session: Session, name: string): Promise<void> {
  await session.query('SELECT pg_catalog.pg_replication_origin_create($1)', [name]);
}

export async function readMarks(session: Session, prefix: string): Promise<readonly string[]> {
  return (await session.query<{ roname: string }>(MARKED, [prefix])).map(({ roname }) => roname);
}

/** All that begin so, at once. */
export async function removeMarks(session: Session, prefix: string): Promise<void> {
  await session.query(`SELECT pg_catalog.pg_replication_origin_drop(roname) FROM (${MARKED}) AS marked`, [prefix]);
}
