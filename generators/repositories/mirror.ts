import type { Limits, RepositoryConfig } from '../config/schema.ts';
import type { ReadSecret } from './credentials.ts';
import { gitEnvironment } from './environment.ts';
import { fetchFailure, readFailure, RepositoryError } from './failure.ts';
import { fetchBranches, headsIn, type Fetching, type Heads } from './fetch.ts';
import { git, type ReadIn } from './git.ts';
import { createKept, type Kept } from './kept.ts';
import { leftFolder, newFolder, packsOf, removeFolder, removeLeftovers, writeFetched } from './mirror-folder.ts';
import { createTurns } from './turns.ts';

/** What the repository was at one fetch. */
interface Snapshot {
  readonly heads: Heads;
  /** When the fetch began. */
  readonly fetchedAt: Date;
}

export interface Mirror {
  readonly repository: RepositoryConfig;
  /**
   * What the repository is now, or was at the last fetch that is recent enough.
   * @throws RepositoryError
   */
  readonly current: (signal: AbortSignal) => Promise<Snapshot>;
  /** What was fetched last, whenever that was; asks no server. */
  readonly known: () => Snapshot | undefined;
  /** Why the last fetch failed, where it did. */
  readonly failure: () => RepositoryError | undefined;
  /** How often it was fetched, in this process. */
  readonly fetches: () => { readonly succeeded: number; readonly failed: number };
  /** A call from now on waits for a fetch that begins from now on; one is begun. */
  readonly pushed: () => void;
  /** Where the mirror turns out to be damaged, it is made anew before this throws: the next reading finds a whole one. */
  readonly read: ReadIn;
  /** Commits that no branch has, beside it. */
  readonly kept: Pick<Kept, 'fetch' | 'read'>;
  /** Ends what runs. */
  readonly close: () => Promise<void>;
}

export interface MirrorOptions {
  readonly repository: RepositoryConfig;
  readonly limits: Limits;
  /** Where mirrors are; of this process alone. */
  readonly folder: string;
  readonly clock: () => Date;
  readonly readSecret: ReadSecret;
  /** The process's own environment, of which git is passed little. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A fetch that runs. */
interface Running {
  /** How many pushes were known when it began. */
  readonly pushes: number;
  readonly done: Promise<Snapshot>;
}

/** More packs than these slow every reading down, and are made one. */
const MAX_PACKS = 50;
/** Of what the mirror may have, what heads of pull requests may. */
const KEPT_SHARE = 4;
/** A mirror that was taken for damaged is not made anew more often than this: what comes from the server may be what is wrong. */
const REMAKE_SECONDS = 60;

export function createMirror(options: MirrorOptions): Mirror {
  const { repository, limits, clock } = options;
  const environment = gitEnvironment(options.environment, repository);
  const turns = createTurns();
  const closing = new AbortController();

  let opening: Promise<void> | undefined;
  let folder: string | undefined;
  /** What the folder has; no more than that where a fetch broke off. */
  let held: Heads = new Map();
  let snapshot: (Snapshot & { readonly pushes: number }) | undefined;
  let failed: { readonly error: RepositoryError; readonly at: Date; readonly pushes: number } | undefined;
  let running: Running | undefined;
  let waiting: Promise<Snapshot> | undefined;
  let pushes = 0;
  const counts = { succeeded: 0, failed: 0 };
  let remadeAt: Date | undefined;

  const secondsSince = (date: Date): number => (clock().getTime() - date.getTime()) / 1000;
  /** A clock that was set back makes nothing fresh. */
  const within = (date: Date, seconds: number): boolean => {
    const age = secondsSince(date);
    return age >= 0 ? age < seconds : age > -1;
  };

  const fetching = (into: string, signal: AbortSignal): Fetching => ({
    ...{ repository, environment, signal, folder: into, readSecret: options.readSecret },
    most: { bytes: limits.repositoryBytes, seconds: limits.fetchSeconds, limit: 'limits.repositoryBytes' },
  });

  const kept = createKept({
    repository,
    root: options.folder,
    mirror: () => {
      if (folder !== undefined) return folder;
      throw new RepositoryError('generator-fetch-failed', `${repository.url}: nothing is known yet`);
    },
    withMirror: turns.together,
    readMirror: (what, signal, action) => read(what, signal, action),
    fetching: (into, signal) => {
      const { most, ...rest } = fetching(into, signal);
      const limit = 'heads of pull requests may: a quarter of limits.repositoryBytes';
      return { ...rest, most: { ...most, bytes: Math.floor(most.bytes / KEPT_SHARE), limit } };
    },
  });

  const deadline = (): AbortSignal =>
    AbortSignal.any([AbortSignal.timeout(limits.fetchSeconds * 1000), closing.signal]);

  /** What a process before this one has left; asks no server. */
  function open(): Promise<void> {
    opening ??= findLeft().catch((error: unknown) => {
      opening = undefined;
      throw fetchFailure(error, repository.url);
    });
    return opening;
  }

  async function findLeft(): Promise<void> {
    const left = await leftFolder(options.folder, repository.url);
    if (!left) return;
    const heads = await headsIn({ repository, environment, signal: deadline(), folder: left.folder }).catch(
      () => undefined,
    );
    if (heads === undefined) {
      await removeFolder(left.folder);
      return;
    }
    folder = left.folder;
    held = heads;
    snapshot = { heads, fetchedAt: left.fetchedAt, pushes: -1 };
  }

  /** A whole new mirror in the place of the one there is; that one stays until this is whole. */
  async function remake(signal: AbortSignal, began: Date): Promise<Heads> {
    const old = folder;
    const made = await newFolder(options.folder, repository.url);
    try {
      const heads = await fetchBranches(fetching(made, signal), new Map());
      await writeFetched(made, began);
      folder = made;
      held = heads;
      kept.drop();
      if (old !== undefined) turns.whenIdle(() => removeFolder(old));
      return heads;
    } catch (error) {
      await removeFolder(made);
      throw error;
    }
  }

  async function fetchInto(signal: AbortSignal, began: Date): Promise<Heads> {
    if (folder === undefined) return await remake(signal, began);
    await removeLeftovers(folder);
    held = await fetchBranches(fetching(folder, signal), held);
    await writeFetched(folder, began);
    void turns.alone(tidy).catch(() => undefined);
    return held;
  }

  /** Behind an answer, never in its way. */
  async function tidy(): Promise<void> {
    if (folder === undefined || (await packsOf(folder)) <= MAX_PACKS) return;
    await git({ folder, environment, signal: deadline(), args: ['gc', '--prune=1.day.ago'] });
  }

  const mayRemake = (): boolean => remadeAt === undefined || !within(remadeAt, REMAKE_SECONDS);

  async function fetchNow(began: Date): Promise<Heads> {
    const signal = deadline();
    try {
      await open();
      return await fetchInto(signal, began);
    } catch (error) {
      const failure = fetchFailure(error, repository.url);
      if (folder !== undefined) await removeLeftovers(folder);
      // What branches do not have any more counts, until the mirror is made anew.
      const mayHelp = failure.suspect || failure.code === 'generator-over-limits';
      if (!mayHelp || folder === undefined || signal.aborted || !mayRemake()) throw failure;
      remadeAt = clock();
      return await remake(signal, began);
    }
  }

  /** What it was asked for before it began, it answers. */
  async function turn(): Promise<Snapshot> {
    const at = pushes;
    const began = clock();
    waiting = undefined;
    running = { pushes: at, done: fetched(at, began) };
    try {
      return await running.done;
    } finally {
      running = undefined;
    }
  }

  async function fetched(at: number, began: Date): Promise<Snapshot> {
    try {
      snapshot = { heads: await fetchNow(began), fetchedAt: began, pushes: at };
      failed = undefined;
      counts.succeeded += 1;
      return snapshot;
    } catch (error) {
      const failure = fetchFailure(error, repository.url);
      failed = { error: failure, at: clock(), pushes: at };
      counts.failed += 1;
      throw failure;
    }
  }

  /** The fetch that answers a call of this moment: one for all of them. */
  function fetchForNow(): Promise<Snapshot> {
    if (running?.pushes === pushes) return running.done;
    if (waiting === undefined) {
      waiting = turns.alone(turn);
      waiting.catch(() => undefined);
    }
    return waiting;
  }

  const isFresh = (): boolean =>
    snapshot !== undefined && snapshot.pushes === pushes && within(snapshot.fetchedAt, limits.freshSeconds);

  /** What was fetched before, where that may stand in for what cannot be fetched now. */
  function fallback(error: RepositoryError): Snapshot {
    const lasting = error.code === 'generator-credentials-refused' || error.code === 'generator-over-limits';
    if (lasting || snapshot === undefined || !within(snapshot.fetchedAt, limits.staleSeconds)) throw error;
    return snapshot;
  }

  async function current(signal: AbortSignal): Promise<Snapshot> {
    await open();
    if (isFresh() && snapshot) return snapshot;
    if (failed?.pushes === pushes && snapshot && within(failed.at, limits.freshSeconds)) return fallback(failed.error);
    const done = fetchForNow();
    const patience = snapshot ? AbortSignal.timeout(limits.requestSeconds * 500) : undefined;
    try {
      return await unless(done, signal, patience);
    } catch (error) {
      if (signal.aborted) throw new RepositoryError('generator-busy', `${repository.url}: the fetch took too long`);
      if (patience?.aborted && !(error instanceof RepositoryError))
        return fallback(new RepositoryError('generator-fetch-failed', `${repository.url}: the fetch takes long`));
      return fallback(fetchFailure(error, repository.url));
    }
  }

  async function heal(damaged: string, signal: AbortSignal): Promise<void> {
    await turns.alone(async () => {
      if (folder !== damaged || !mayRemake()) return;
      remadeAt = clock();
      const at = pushes;
      const began = remadeAt;
      snapshot = { heads: await remake(AbortSignal.any([deadline(), signal]), began), fetchedAt: began, pushes: at };
    });
  }

  const read: ReadIn = async (what, signal, action) => {
    const at = folder;
    if (at === undefined)
      throw new RepositoryError('generator-fetch-failed', `${repository.url}: nothing is known yet`);
    try {
      return await turns.together(() =>
        action((args, input) => git({ folder: at, environment, signal, args, ...(input !== undefined && { input }) })),
      );
    } catch (error) {
      const failure = readFailure(error, repository.url, what);
      if (!failure) throw error;
      if (failure.suspect)
        await heal(at, signal).catch((again: unknown) => {
          failed = { error: fetchFailure(again, repository.url), at: clock(), pushes };
        });
      throw failure;
    }
  };

  return {
    repository,
    current,
    known: () => snapshot,
    failure: () => failed?.error,
    fetches: () => ({ ...counts }),
    pushed: () => {
      pushes += 1;
      void fetchForNow();
    },
    read,
    kept: {
      read: kept.read,
      fetch: async (commit, ref, signal) => {
        try {
          await open();
          return await kept.fetch(commit, ref, AbortSignal.any([deadline(), signal]));
        } catch (error) {
          throw fetchFailure(error, repository.url);
        }
      },
    },
    close: async () => {
      closing.abort();
      await kept.settled();
      await turns.settled();
    },
  };
}

/** @throws the signal's reason where one of them ends first. */
function unless<T>(done: Promise<T>, ...signals: readonly (AbortSignal | undefined)[]): Promise<T> {
  const any = AbortSignal.any(signals.filter((signal) => signal !== undefined));
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      reject(new Error('stopped', { cause: any.reason }));
    };
    if (any.aborted) {
      stop();
      return;
    }
    any.addEventListener('abort', stop, { once: true });
    done.then(resolve, reject).finally(() => {
      any.removeEventListener('abort', stop);
    });
  });
}
