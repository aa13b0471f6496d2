import { DatabaseError } from 'pg';

/** Of what was thrown while talking to PostgreSQL: what the server said, or why there is no server. */
export interface Reason {
  /** PostgreSQL's five characters; undefined when the connection was lost, or never came. */
  readonly sqlstate: string | undefined;
  readonly message: string;
}

export function reasonOf(error: unknown): Reason {
  if (error instanceof DatabaseError) return { sqlstate: error.code, message: error.message };
  return { sqlstate: undefined, message: error instanceof Error ? error.message : String(error) };
}

/** admin_shutdown, crash_shutdown: the backend ended with this message as its last. */
const ENDED: readonly (string | undefined)[] = ['57P01', '57P02'];

/** The session is gone: nothing more can be asked of it, and nothing is known of what was under way. */
export function connectionLost(error: unknown): boolean {
  const { sqlstate } = reasonOf(error);
  return sqlstate === undefined || ENDED.includes(sqlstate);
}
