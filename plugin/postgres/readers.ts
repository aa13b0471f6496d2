import { withSession, type OpenSession, type Session } from './session.ts';

/** A digest is one backend's work on one core; a server has several, and other things to do. */
const READERS = 4;

/**
 * Runs `use` with several sessions that read at the same time; where the server has no room for all of them (the
 * application may have filled it), with as many as it lets in. @throws what kept the first from being opened.
 */
export async function withReaders<T>(
  open: () => Promise<Session>,
  use: (readers: readonly [Session, ...Session[]]) => Promise<T>,
): Promise<T> {
  const first = await open();
  const others = await Promise.allSettled(Array.from({ length: READERS - 1 }, open));
  const readers = [first, ...others.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))] as const;
  try {
    return await use(readers);
  } finally {
    await Promise.all(readers.map((session) => session.close()));
  }
}

/** Hands the items out to whichever worker is free. @returns the results in the items' order. */
export async function shareOut<Worker, Item, Result>(
  workers: readonly Worker[],
  items: readonly Item[],
  work: (worker: Worker, item: Item, index: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const left = items.entries();
  const takeNext = async (worker: Worker): Promise<void> => {
    for (const [index, item] of left) results[index] = await work(worker, item, index);
  };
  await Promise.all(workers.map(takeNext));
  return results;
}

/** In the window they are of the few that the server keeps for superusers (`connectionRoom`). */
const SLOTS = [1, 2] as const;

/** Runs `use` in each database, two at a time. @returns the results in the databases' order. */
export const inDatabases = <Result>(
  databases: readonly string[],
  open: OpenSession,
  use: (session: Session) => Promise<Result>,
): Promise<readonly Result[]> => shareOut(SLOTS, databases, (_slot, database) => withSession(open(database), use));
