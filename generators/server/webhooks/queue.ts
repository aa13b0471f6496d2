import type { RepositoryConfig } from '../../config/schema.ts';
import type { PullRequests } from '../../ports.ts';

/** Pull requests that are looked at behind the answers to webhooks. */
export interface Queue {
  /**
   * One that waits already is not put in twice.
   * @param failed called where looking at it failed
   * @returns false where too many wait
   */
  readonly offer: (repository: RepositoryConfig, number: number, failed: () => void) => boolean;
  readonly waiting: () => number;
  /** Takes nothing more, and ends once what runs has ended, or was aborted. What waits is dropped: the next event says it again. */
  readonly close: (signal: AbortSignal) => Promise<void>;
}

export interface QueueOptions {
  readonly pullRequests: PullRequests;
  readonly most: number;
  readonly atOnce: number;
  /** For one of them: who takes longer does not keep the others waiting. */
  readonly seconds: number;
  /** Told how each ended; undefined is well. */
  readonly ended: (repository: RepositoryConfig, number: number, error: unknown) => void;
}

/** Of one pull request that waits: whoever delivers more often is not told of a failure. */
const MOST_TO_TELL = 15;

interface Item {
  readonly repository: RepositoryConfig;
  readonly number: number;
  readonly failed: readonly (() => void)[];
}

export function createQueue({ pullRequests, most, atOnce, seconds, ended }: QueueOptions): Queue {
  const waiting = new Map<string, Item>();
  const running = new Map<string, Promise<void>>();
  const stop = new AbortController();
  let open = true;

  const handle = async ({ repository, number, failed }: Item): Promise<void> => {
    try {
      const until = AbortSignal.any([stop.signal, AbortSignal.timeout(seconds * 1000)]);
      await pullRequests.changed(repository, number, until);
      ended(repository, number, undefined);
    } catch (error) {
      for (const each of failed) each();
      ended(repository, number, error);
    }
  };

  /** The first that waits and does not run already: its comment would be written twice. */
  const next = (): void => {
    for (const [key, item] of waiting) {
      if (running.size >= atOnce) return;
      if (running.has(key)) continue;
      waiting.delete(key);
      running.set(
        key,
        handle(item).finally(() => {
          running.delete(key);
          next();
        }),
      );
    }
  };

  return {
    offer: (repository, number, failed) => {
      const key = `${repository.url} ${number}`;
      const before = waiting.get(key);
      if (!open || (waiting.size >= most && !before)) return false;
      waiting.set(key, { repository, number, failed: [...(before?.failed ?? []).slice(-MOST_TO_TELL), failed] });
      next();
      return true;
    },
    waiting: () => waiting.size,
    close: async (signal) => {
      open = false;
      waiting.clear();
      const abort = (): void => {
        stop.abort(new Error('the generator ends'));
      };
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      await Promise.all(running.values());
    },
  };
}
