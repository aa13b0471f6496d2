/** Who may write in a mirror: one at a time, in the order of asking. Reading goes on beside; only what is removed waits for it. */
export interface Turns {
  readonly alone: <T>(action: () => Promise<T>) => Promise<T>;
  readonly together: <T>(action: () => Promise<T>) => Promise<T>;
  /** Does it when everything has ended that reads at this moment. */
  readonly whenIdle: (action: () => Promise<void>) => void;
  /** Everything of whenIdle is done. */
  readonly settled: () => Promise<void>;
}

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  const reading = new Set<Promise<unknown>>();
  let later: Promise<unknown> = Promise.resolve();
  return {
    alone: (action) => {
      const mine = last.then(action);
      last = mine.catch(() => undefined);
      return mine;
    },
    together: async (action) => {
      const mine = action();
      reading.add(mine);
      try {
        return await mine;
      } finally {
        reading.delete(mine);
      }
    },
    whenIdle: (action) => {
      later = Promise.allSettled([later, ...reading])
        .then(action)
        .catch(() => undefined);
    },
    settled: async () => {
      await Promise.all([last, later]);
    },
  };
}
