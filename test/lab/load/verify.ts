import { TOKEN_PREFIX, type AcknowledgedWrite } from './acknowledged.ts';

/** Runs one SQL statement that gives one column; its rows as lines, as `psql -At` prints them. */
type LineQuery = (sql: string) => Promise<string>;

export interface MissingWrite extends AcknowledgedWrite {
  /** The row's seq in the database; undefined when the row is not there. */
  readonly found: number | undefined;
}

/** Of the writes that somebody was told are committed, those that the database does not have: none may be missing, ever. */
export async function missingWrites(
  writes: readonly AcknowledgedWrite[],
  query: LineQuery,
): Promise<readonly MissingWrite[]> {
  const lines = await query(`SELECT token || ' ' || seq FROM bestie.pets WHERE token LIKE '${TOKEN_PREFIX}%'`);
  const rows = lines.split('\n').map((line) => line.split(' '));
  const found = new Map(rows.map(([token = '', seq]) => [token, Number(seq)]));
  return writes
    .map((write) => ({ ...write, found: found.get(write.token) }))
    .filter(({ seq, found }) => found === undefined || found < seq);
}
