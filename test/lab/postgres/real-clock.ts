import { setTimeout as delay } from 'node:timers/promises';

export const REAL_CLOCK = {
  now: (): Date => new Date(),
  sleep: (milliseconds: number, signal?: AbortSignal): Promise<void> => delay(milliseconds, undefined, { signal }),
};
