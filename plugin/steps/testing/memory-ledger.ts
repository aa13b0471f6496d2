import type { Status } from '../../lifecycle/status.ts';
import type { Ledger, LedgerView } from '../ports/ports.ts';

/** A ledger with the real thing's compare-and-swap: a write on an older version is refused, and the change asked again. */
export class MemoryLedger implements Ledger {
  status: Status;
  readonly annotations: Readonly<Record<string, string>>;
  labels: Readonly<Record<string, string>> = {};
  /** Called between reading and writing: what another writer does meanwhile. */
  meanwhile: (() => void) | undefined;
  #version = 0;

  constructor(status: Status = {}, annotations: Readonly<Record<string, string>> = {}) {
    this.status = status;
    this.annotations = annotations;
  }

  get version(): number {
    return this.#version;
  }

  /** A write of somebody else. */
  write(status: Status): void {
    this.status = structuredClone(status);
    this.#version += 1;
  }

  read(): Promise<LedgerView> {
    return Promise.resolve(this.#view());
  }

  async update(change: (view: LedgerView) => Status | undefined): ReturnType<Ledger['update']> {
    for (;;) {
      const version = this.#version;
      const view = this.#view();
      const status = change(view);
      if (status === undefined) return { written: false, view };
      const other = this.meanwhile;
      this.meanwhile = undefined;
      other?.();
      await Promise.resolve();
      if (version !== this.#version) continue;
      this.write(status);
      return { written: true, view: this.#view() };
    }
  }

  #view(): LedgerView {
    const { labels, annotations, status } = this;
    return { uid: 'uid-lifecycle', generation: 1, labels, annotations, status: structuredClone(status) };
  }
}
