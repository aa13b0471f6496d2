import type { History } from '../ports.ts';

/** A commit of the branch from which on the file asks for a request, as it does to this day. */
export interface Introduction {
  readonly commit: string;
  /** What the file asks for from there on: of several that are as good, one. */
  readonly request: string;
  /** A commit after it that took the request away, where a merge brought it back by the way round that commit. */
  readonly takenAway: string | undefined;
}

/** What one content of the file asks for: a request's digest, or nothing; undefined where it is no lifecycle file, so that nobody knows. */
export type RequestIn = (content: Uint8Array) => Asks | undefined;

interface Asks {
  readonly request: string | undefined;
}

/** What a commit's file asks for, by commit: what one holds never changes. */
export type KnownRequests = Map<string, Asks | undefined>;

/** More of them are forgotten, the oldest first. */
const MOST_KNOWN = 20_000;

/** As far as a request is followed back: so many commits that changed its file. */
export const MOST_CHANGES = 200;

/**
 * Follows requests back along the branch, as long as the file asks for one of them: where each came in, newest first. A commit at which the file
 * cannot be read neither brings a request nor takes it away: what it was before goes on then, too.
 * First parents alone may go round a revert: a merge whose first parent is the commit before it. So whatever descends from an introduction is
 * looked at, too; a branch that left before it takes nothing away.
 * @param requests digests, of which one is as good as the other
 * @returns `unknown` where it is older than is looked at
 */
export async function introductionsOf(
  history: Pick<History, 'changesAfter' | 'commitsOf' | 'fileAt'>,
  path: string,
  requests: readonly string[],
  requestIn: RequestIn,
  known: KnownRequests = new Map(),
): Promise<readonly Introduction[] | 'unknown'> {
  const commits = await history.commitsOf(path, MOST_CHANGES);
  const found: Pick<Introduction, 'commit' | 'request'>[] = [];
  const asksAt = async (commit: string): Promise<Asks | undefined> => {
    const id = `${commit} ${path}`;
    if (!known.has(id)) {
      const content = await history.fileAt(commit, path);
      known.set(id, asksIn(content, requestIn));
    }
    return known.get(id);
  };
  const isOther = ({ request }: Asks): boolean => request === undefined || !requests.includes(request);
  let isWhole = commits.length < MOST_CHANGES;
  for (const commit of commits) {
    const asked = await asksAt(commit);
    if (asked === undefined) continue;
    const { request } = asked;
    if (request === undefined || isOther(asked)) {
      isWhole = true;
      break;
    }
    // The newest of a run is overwritten by what is older, until another request or none is met.
    if (found.at(-1)?.request === request) found.pop();
    found.push({ commit, request });
  }
  if (!isWhole) return 'unknown';
  return Promise.all(
    found.map(async (each) => {
      for (const commit of await history.changesAfter(each.commit, path)) {
        const asked = await asksAt(commit);
        if (asked && isOther(asked)) return { ...each, takenAway: commit };
      }
      return { ...each, takenAway: undefined };
    }),
  );
}

function asksIn(content: Uint8Array | 'too large' | undefined, requestIn: RequestIn): Asks | undefined {
  if (content === 'too large') return undefined;
  return content === undefined ? { request: undefined } : requestIn(content);
}

/** Called by whoever keeps them. */
export function forgetOldest(known: KnownRequests): void {
  for (const oldest of known.keys()) {
    if (known.size <= MOST_KNOWN) return;
    known.delete(oldest);
  }
}
