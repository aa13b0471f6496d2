/** A statement that looks or sets something takes milliseconds. */
export const QUERY_SECONDS = 10;

/** One that goes through a database's whole catalog, or locks all of it: seconds where there are 100 000 relations. */
export const CATALOG_SECONDS = 120;

/** One that reads a whole table of any size; what bounds it is its step's deadline, and the window's budget. */
export const READING_SECONDS = 24 * 3600;

/** One connection to PostgreSQL, narrowed to what the steps need. Rows are plain objects, bigint and numeric are text. */
export interface Session {
  /** Backend process id on the server. */
  readonly pid: number;
  readonly database: string;
  /**
   * @param seconds after which a query that has not been answered counts as lost, and with it the connection: it is cut on
   * this side, whatever the server does. Default `QUERY_SECONDS`.
   */
  query<Row extends object>(text: string, values?: readonly unknown[], seconds?: number): Promise<readonly Row[]>;
  /** Ends the connection within a second; an open transaction is rolled back. Safe to call twice, and on a lost one. */
  close(): Promise<void>;
  /** Calls once when the connection ends without `close` having been called; at once when it is lost already. */
  onLost(listener: (reason: string) => void): void;
}

/** Opens a further session on the same server with the same credentials, in another database. */
export type OpenSession = (database: string) => Promise<Session>;

/** Runs `use` with a session of its own and closes it in any case. */
export async function withSession<T>(open: Promise<Session>, use: (session: Session) => Promise<T>): Promise<T> {
  const session = await open;
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

/** The SQLSTATE of an error that came from the server, else undefined. */
export function sqlState(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}
