import { quoteLiteral } from './quote.ts';
import { sqlState, type Session } from './session.ts';

/** A COMMIT that takes longer hangs: on a standby that is gone, on a disk. */
const COMMIT_SECONDS = 4;

/** Somebody has taken PUBLIC's right to the function: then there is no proof, and nothing against it either. */
const NO_RIGHT = '42501';

/**
 * Commits a write of this session's role, and waits for the answer: the WAL is flushed, and standbys are waited for, as
 * with any other of its commits. What is written is a message in the WAL, so that nothing is left in the database and no
 * trigger of the user's sees it. That the role may change rows is for `writeCanary` to say, which rolls back.
 * Without an answer within four seconds to any of it the connection is cut.
 * @param synchronousCommit instead of the session's own. @throws Error
 */
export async function commitCanary(session: Session, synchronousCommit?: string): Promise<void> {
  await session.query('BEGIN READ WRITE', [], COMMIT_SECONDS);
  if (synchronousCommit !== undefined) {
    await session.query(`SET LOCAL synchronous_commit = ${quoteLiteral(synchronousCommit)}`, [], COMMIT_SECONDS);
  }
  try {
    await session.query("SELECT pg_catalog.pg_logical_emit_message(true, 'lifecycle', 'commit')", [], COMMIT_SECONDS);
  } catch (error) {
    if (sqlState(error) !== NO_RIGHT) throw error;
  }
  await session.query('COMMIT', [], COMMIT_SECONDS);
}
