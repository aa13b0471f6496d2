/**
 * Work by key: one run of a key at a time, and one more after it if the key was added meanwhile. Keys do not wait for
 * each other.
 */
export class Queue {
  private readonly work: (key: string) => Promise<number | undefined>;
  private readonly running = new Set<string>();
  private readonly again = new Set<string>();
  private readonly timers = new Map<string, { readonly timer: NodeJS.Timeout; readonly due: number }>();

  /** `work` returns after how many milliseconds it wants to run again; undefined: not until it is added. */
  constructor(work: (key: string) => Promise<number | undefined>) {
    this.work = work;
  }

  /** The earlier one of several requests for a key counts. */
  add(key: string, afterMilliseconds = 0): void {
    const due = Date.now() + afterMilliseconds;
    const waiting = this.timers.get(key);
    if (waiting !== undefined && waiting.due <= due) return;
    clearTimeout(waiting?.timer);
    const timer = setTimeout(() => {
      this.timers.delete(key);
      void this.run(key);
    }, afterMilliseconds);
    this.timers.set(key, { timer, due });
  }

  private async run(key: string): Promise<void> {
    if (this.running.has(key)) {
      this.again.add(key);
      return;
    }
    this.running.add(key);
    const next = await this.work(key);
    this.running.delete(key);
    if (this.again.delete(key)) this.add(key);
    else if (next !== undefined) this.add(key, next);
  }
}
