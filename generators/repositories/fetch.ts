import { hash } from 'node:crypto';
import type { RepositoryConfig } from '../config/schema.ts';
import { accessOf, configured, type Access, type ReadSecret } from './credentials.ts';
import type { Environment } from './environment.ts';
import { RepositoryError } from './failure.ts';
import { git } from './git.ts';
import { sizeOf } from './mirror-folder.ts';

/** Seconds. */
const MAX_SILENCE = 30;

/** Branches of the repository that are there, with their commits. */
export type Heads = ReadonlyMap<string, string>;

export interface Fetching {
  readonly repository: RepositoryConfig;
  readonly folder: string;
  readonly environment: Environment;
  readonly readSecret: ReadSecret;
  /** `limit` is what the bytes are called, for people. */
  readonly most: { readonly bytes: number; readonly seconds: number; readonly limit: string };
  readonly signal: AbortSignal;
}

/** A ref of ours for each branch: names of branches, which may stand in each other's way on disk, are none of files. */
const refOf = (branch: string): string => `refs/mirror/${hash('sha256', branch).slice(0, 40)}`;

const OBJECT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
export const isObjectId = (text: string): boolean => OBJECT.test(text);

/**
 * Asks for the configured branches and fetches those that have moved, all or none. A branch that is gone is not among the heads.
 * @param known what the folder holds already
 */
export async function fetchBranches(fetching: Fetching, known: Heads): Promise<Heads> {
  return await withAccess(fetching, async (run) => {
    const heads = await askedHeads(fetching, run);
    for (const [branch] of known) if (!heads.has(branch)) await run(['update-ref', '-d', refOf(branch)]);
    const moved = [...heads].filter(([branch, commit]) => known.get(branch) !== commit);
    if (moved.length === 0) return heads;
    const specs = moved.map(([branch]) => `+refs/heads/${branch}:${refOf(branch)}`);
    await bounded(fetching, (signal) =>
      run(
        ['fetch', '--atomic', '--no-tags', '--no-write-fetch-head', '--force', '--', fetching.repository.url, ...specs],
        signal,
      ),
    );
    const fetched = await headsIn(fetching);
    // A branch may have moved between question and fetch, but not be missing.
    return new Map([...heads].map(([branch]) => [branch, required(fetched.get(branch), fetching, branch)]));
  });
}

function required(commit: string | undefined, { repository }: Fetching, branch: string): string {
  if (commit === undefined)
    throw new RepositoryError(
      'generator-repository-unreadable',
      `${repository.url}: ${branch} did not come with the fetch`,
      true,
    );
  return commit;
}

type Run = (args: readonly string[], signal?: AbortSignal) => Promise<string>;

async function withAccess<T>(fetching: Fetching, action: (run: Run) => Promise<T>): Promise<T> {
  const { folder, environment, repository, readSecret, signal } = fetching;
  const access: Access = await accessOf(repository, folder, readSecret);
  // What git starts for HTTP outlives a git that was told to end; a server that is silent ends it.
  const silence = String(Math.min(MAX_SILENCE, fetching.most.seconds));
  const own = configured({ 'http.lowSpeedLimit': '1', 'http.lowSpeedTime': silence }, access.environment);
  try {
    return await action(async (args, until = signal) =>
      (await git({ folder, args, environment: { ...environment, ...own }, signal: until })).toString(),
    );
  } finally {
    await access.remove();
  }
}

async function askedHeads({ repository }: Fetching, run: Run): Promise<Heads> {
  const refs = repository.revisions.map((branch) => `refs/heads/${branch}`);
  const lines = (await run(['ls-remote', '--heads', '--', repository.url, ...refs])).split('\n');
  const all = new Map(lines.map((line) => line.split('\t')).map(([commit = '', ref = '']) => [ref, commit]));
  return new Map(
    repository.revisions.flatMap((branch) => {
      const commit = all.get(`refs/heads/${branch}`);
      return commit !== undefined && isObjectId(commit) ? [[branch, commit] as const] : [];
    }),
  );
}

/** What the folder holds of the configured branches. */
export async function headsIn({
  repository,
  folder,
  environment,
  signal,
}: Pick<Fetching, 'repository' | 'folder' | 'environment' | 'signal'>): Promise<Heads> {
  const args = ['for-each-ref', '--format=%(objectname) %(refname)', 'refs/mirror/'];
  const lines = (await git({ folder, args, environment, signal })).toString().split('\n');
  const all = new Map(lines.map((line) => line.split(' ')).map(([commit = '', ref = '']) => [ref, commit]));
  return new Map(
    repository.revisions.flatMap((branch) => {
      const commit = all.get(refOf(branch));
      return commit === undefined ? [] : [[branch, commit] as const];
    }),
  );
}

const LOOK_MS = 250;

/** Ends what fetches as soon as it has brought more than is allowed: git itself knows no such limit. */
async function bounded<T>(
  { folder, repository, most, signal }: Fetching,
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  let looking = false;
  const look = async (): Promise<void> => {
    if ((await sizeOf(folder)) > most.bytes) over.abort();
  };
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    void look().finally(() => (looking = false));
  }, LOOK_MS);
  try {
    const result = await action(AbortSignal.any([signal, over.signal]));
    await look();
    if (over.signal.aborted) throw tooLarge(repository.url, most);
    return result;
  } catch (error) {
    throw over.signal.aborted ? tooLarge(repository.url, most) : error;
  } finally {
    clearInterval(timer);
  }
}

const tooLarge = (url: string, { bytes, limit }: Fetching['most']): RepositoryError =>
  new RepositoryError('generator-over-limits', `${url}: it has more than ${limit} (${bytes})`);

/** @returns whether the commit is here now; false where the server has neither the commit nor, at the ref, one that holds it. */
export async function fetchOne(fetching: Fetching, commit: string, ref: string): Promise<boolean> {
  const { folder, environment, signal, repository } = fetching;
  const here = (): Promise<boolean> =>
    git({ folder, environment, signal, args: ['cat-file', '-t', commit] }).then(
      (type) => type.toString().trim() === 'commit',
      (error: unknown) => {
        if (signal.aborted) throw error;
        return false;
      },
    );
  if (await here()) return true;
  return await withAccess(fetching, async (run) => {
    for (const wanted of [ref, commit]) {
      const spec = `+${wanted}:refs/kept/${commit}`;
      try {
        await bounded(fetching, (until) =>
          run(['fetch', '--no-tags', '--no-write-fetch-head', '--force', '--', repository.url, spec], until),
        );
      } catch (error) {
        if (!NOT_THERE.test(error instanceof Error ? error.message : '')) throw error;
      }
      if (await here()) return true;
    }
    return false;
  });
}

const NOT_THERE = /couldn't find remote ref|not our ref|unadvertised object|no such remote ref/i;
