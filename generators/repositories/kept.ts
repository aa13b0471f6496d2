import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { RepositoryConfig } from '../config/schema.ts';
import { fetchFailure, readFailure, RepositoryError } from './failure.ts';
import { fetchOne, type Fetching } from './fetch.ts';
import { git, type ReadGit, type ReadIn } from './git.ts';
import { newFolder, packsOf, removeFolder, removeLeftovers } from './mirror-folder.ts';
import { createTurns } from './turns.ts';

/**
 * Commits that no branch has: heads of pull requests, which anybody may send. They stand in a repository of their own, which borrows the objects
 * of the mirror; what they bring never counts as the mirror's, and all of it is thrown away where it becomes too much.
 */
export interface Kept {
  /** @returns whether the commit is there; it is asked for by the ref, then by itself. */
  readonly fetch: (commit: string, ref: string, signal: AbortSignal) => Promise<boolean>;
  /**
   * Reads what the mirror has, and what was fetched here.
   * @param head is fetched again where it was thrown away meanwhile
   */
  readonly read: <T>(
    what: string,
    signal: AbortSignal,
    action: (run: ReadGit) => Promise<T>,
    head?: { readonly commit: string; readonly ref: string },
  ) => Promise<T>;
  /** When nobody reads there any more, all of it is removed. */
  readonly drop: () => void;
  readonly settled: () => Promise<void>;
}

export interface KeptOptions {
  readonly repository: RepositoryConfig;
  /** Where repositories are. */
  readonly root: string;
  /** Of the mirror, as it is now. @throws RepositoryError where there is none. */
  readonly mirror: () => string;
  /** The mirror's folder stays until it ends. */
  readonly withMirror: <T>(action: () => Promise<T>) => Promise<T>;
  readonly readMirror: ReadIn;
  readonly fetching: (folder: string, signal: AbortSignal) => Fetching;
}

/** More than these slow every reading down. */
const MAX_PACKS = 100;

export function createKept({ repository, root, mirror, withMirror, readMirror, fetching }: KeptOptions): Kept {
  const turns = createTurns();
  let made: { readonly folder: string; readonly of: string } | undefined;

  function drop(): void {
    const old = made?.folder;
    made = undefined;
    if (old !== undefined) turns.whenIdle(() => removeFolder(old));
  }

  /** A mirror that was made anew lends other objects. */
  async function folderNow(): Promise<string> {
    const of = mirror();
    if (made?.of !== of || (await packsOf(made.folder)) > MAX_PACKS) drop();
    if (made) return made.folder;
    const folder = await newFolder(root, repository.url);
    await writeFile(join(folder, 'objects/info/alternates'), `${resolve(of, 'objects')}\n`);
    made = { folder, of };
    return folder;
  }

  async function fetchNow(commit: string, ref: string, signal: AbortSignal): Promise<boolean> {
    const folder = await folderNow();
    try {
      return await fetchOne(fetching(folder, signal), commit, ref);
    } catch (error) {
      const failure = fetchFailure(error, repository.url);
      // What was fetched before may be why this is too much, or what is damaged; it is still good where only the server is not.
      if (failure.code === 'generator-over-limits' || failure.code === 'generator-repository-unreadable') drop();
      else await removeLeftovers(folder);
      throw failure;
    }
  }

  const fetch: Kept['fetch'] = (commit, ref, signal) =>
    turns.alone(() =>
      withMirror(() =>
        turns.together(async () => {
          const isFirst = made === undefined;
          return await fetchNow(commit, ref, signal).catch(async (error: unknown) => {
            const isFull = error instanceof RepositoryError && error.code === 'generator-over-limits';
            if (!isFull || isFirst || signal.aborted) throw error;
            return await fetchNow(commit, ref, signal);
          });
        }),
      ),
    );

  const readNow: ReadIn = async (what, signal, action) => {
    const now = made;
    // What is damaged there is healed there.
    if (now?.of !== mirror()) return await readMirror(what, signal, action);
    const { folder } = now;
    const { environment } = fetching(folder, signal);
    try {
      return await withMirror(() =>
        turns.together(() =>
          action((args, input) => git({ folder, environment, signal, args, ...(input !== undefined && { input }) })),
        ),
      );
    } catch (error) {
      const failure = readFailure(error, repository.url, what);
      if (failure?.suspect && made === now) drop();
      throw failure ?? error;
    }
  };

  return {
    fetch,
    read: async (what, signal, action, head) => {
      // Otherwise the mirror, which never had it, would be taken for damaged.
      if (head && made?.of !== mirror()) await fetch(head.commit, head.ref, signal);
      try {
        return await readNow(what, signal, action);
      } catch (error) {
        const isGone = error instanceof RepositoryError && error.code === 'generator-repository-unreadable';
        // Another one may have been too much, so that all were thrown away.
        if (!isGone || !head || signal.aborted || !(await fetch(head.commit, head.ref, signal))) throw error;
        return await readNow(what, signal, action);
      }
    },
    drop,
    settled: () => turns.settled(),
  };
}
