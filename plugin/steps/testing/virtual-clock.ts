import type { Clock } from '../ports/ports.ts';

/** A clock that moves only when somebody sleeps, and lets the world go on a step at each second. */
export class VirtualClock implements Clock {
  #now: number;
  readonly #everySecond: (() => void)[] = [];

  constructor(start = '2026-11-22T10:00:00.000Z') {
    this.#now = Date.parse(start);
  }

  now(): Date {
    return new Date(this.#now);
  }

  /** Seconds since the epoch of this clock's day, for tests that compare times. */
  everySecond(action: () => void): void {
    this.#everySecond.push(action);
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    const until = this.#now + milliseconds;
    while (this.#now < until) {
      this.#now = Math.min(until, this.#now + 1000);
      for (const action of this.#everySecond) action();
    }
    return Promise.resolve();
  }
}
