import type { Session } from './session.ts';

/** The next transaction id, with its epoch, as decimal text: PostgreSQL 13 and later give them out one by one, for ever. */
export async function nextTransactionId(session: Session): Promise<string> {
  const [row] = await session.query<{ next: string }>(
    'SELECT pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text AS next',
  );
  if (!row) throw new Error('no snapshot');
  return row.next;
}

/** Of a snapshot as the fence records it: `xmin:xmax:xip,…`. */
export const nextOf = (snapshot: string): string => snapshot.split(':')[1] ?? '';
