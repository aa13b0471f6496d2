import type { Fault, Kind } from './fault.ts';

const OUTAGE_MILLISECONDS = 15_000;
/** What a late answer is late by: less than any query's deadline but a COMMIT's. */
export const LATE_MILLISECONDS = 4000;

/** The way of one step to one server: counts what passes, and strikes once. */
export class Gate {
  /** How often each statement has been sent, in the order of the first time. */
  readonly sent = new Map<string, number>();
  struck = false;
  readonly #fault: Fault | undefined;
  readonly #onDark: (() => void)[] = [];
  #met = 0;
  #dark: Promise<void> | undefined;

  constructor(fault?: Fault) {
    this.#fault = fault;
  }

  /** Counts a statement that is about to pass. @returns what strikes now; what darkens has done so. */
  meet(statement: string): Kind | undefined {
    this.sent.set(statement, (this.sent.get(statement) ?? 0) + 1);
    if (!this.#fault || !matches(this.#fault.statement, statement)) return undefined;
    this.#met += 1;
    if (this.#met !== this.#fault.nth) return undefined;
    this.struck = true;
    const { kind } = this.#fault;
    if (kind === 'dark before') this.darken();
    if (kind === 'outage') this.darken(OUTAGE_MILLISECONDS);
    return kind;
  }

  /** @param milliseconds default for ever. */
  darken(milliseconds?: number): void {
    this.#dark = new Promise((resolve) => {
      if (milliseconds !== undefined) setTimeout(resolve, milliseconds);
    });
    void this.#dark.then(() => (this.#dark = undefined));
    for (const listener of this.#onDark) listener();
  }

  onDark(listener: () => void): void {
    this.#onDark.push(listener);
  }

  get isDark(): boolean {
    return this.#dark !== undefined;
  }

  /** Whoever has something to deliver waits for this first. */
  async passing(): Promise<void> {
    await this.#dark;
  }
}

const matches = (wanted: string, statement: string): boolean =>
  wanted.endsWith('…') ? statement.startsWith(wanted.slice(0, -1)) : statement === wanted;
