import type { History } from '../ports.ts';

/** A commit of the branch from which on the file asks for a request, as it does to this day. */
export interface Introduction {
  readonly commit: string;
  /** What the file asks for from there on: of several that are as good, one. */
  readonly request: string;
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
 * @param requests digests, of which one is as good as the other
 * @returns `unknown` where it is older than is looked at
 */
export async function introductionsOf(
  history: Pick<History, 'commitsOf' | 'fileAt'>,
  path: string,
  requests: readonly string[],
  requestIn: RequestIn,
  known: KnownRequests = new Map(),
): Promise<readonly Introduction[] | 'unknown'> {
  const commits = await history.commitsOf(path, MOST_CHANGES);
  const found: Introduction[] = [];
  for (const commit of commits) {
    const id = `${commit} ${path}`;
    if (!known.has(id)) {
      const content = await history.fileAt(commit, path);
      known.set(id, content === undefined ? { request: undefined } : requestIn(content));
    }
    const asked = known.get(id);
    if (asked === undefined) continue;
    const { request } = asked;
    if (request === undefined || !requests.includes(request)) return found;
    // The newest of a run is overwritten by what is older, until another request or none is met.
    if (found.at(-1)?.request === request) found.pop();
    found.push({ commit, request });
  }
  return commits.length < MOST_CHANGES ? found : 'unknown';
}

/** Called by whoever keeps them. */
export function forgetOldest(known: KnownRequests): void {
  for (const oldest of known.keys()) {
    if (known.size <= MOST_KNOWN) return;
    known.delete(oldest);
  }
}
