import { LifecycleError } from '../../errors/errors.ts';
import type { Status } from '../../lifecycle/status.ts';
import type { Cluster, Ledger } from '../ports/ports.ts';
import type { MemoryLedger } from './memory-ledger.ts';

/** What becomes of a request: no answer ever, a refusal, or, of those that write, a refusal. */
type Fault = 'hangs' | 'refuses' | 'refuses writes';

/** As the client of the API server says it, when it has tried for long enough. */
const refused = (): Promise<never> => Promise.reject(new LifecycleError('api-failed', 'connect ECONNREFUSED'));

/** An API server that can be gone for one process, and come back; what was asked meanwhile is never answered. */
export class Outage {
  #fault: Fault | undefined;

  begin(fault: Fault): void {
    this.#fault = fault;
  }

  end(): void {
    this.#fault = undefined;
  }

  ports(it: { readonly ledger: Ledger; readonly namespace: Cluster }): { ledger: Ledger; cluster: Cluster } {
    return { ledger: this.wrap(it.ledger), cluster: this.wrap(it.namespace) };
  }

  wrap<T extends object>(port: T): T {
    return new Proxy(port, {
      get: (target, key) => {
        const method: unknown = Reflect.get(target, key, target);
        if (typeof method !== 'function') return method;
        return (...parameters: readonly unknown[]): unknown =>
          this.#gone(key !== 'read') ?? Reflect.apply(method, target, parameters);
      },
    });
  }

  #gone(writes: boolean): Promise<never> | undefined {
    if (this.#fault === 'hangs') return new Promise<never>(() => undefined);
    return this.#fault === 'refuses' || (this.#fault === 'refuses writes' && writes) ? refused() : undefined;
  }
}

/** A ledger whose first write is sent and not answered: it arrives when the test says so, or never. */
export class LateWrite implements Ledger {
  /** When the write is on its way. */
  readonly sent: Promise<void>;
  readonly #ledger: MemoryLedger;
  #send: () => void = () => undefined;
  #write: { readonly before: string; readonly status: Status } | undefined;

  constructor(ledger: MemoryLedger) {
    this.#ledger = ledger;
    this.sent = new Promise((resolve) => {
      this.#send = resolve;
    });
  }

  read(): ReturnType<Ledger['read']> {
    return this.#ledger.read();
  }

  async update(change: Parameters<Ledger['update']>[0]): Promise<never> {
    const view = await this.#ledger.read();
    const status = change(view);
    if (status) this.#write = { before: JSON.stringify(view.status), status };
    this.#send();
    return new Promise<never>(() => undefined);
  }

  /** Compare-and-swap: lost when somebody has written since. */
  arrive(): void {
    if (this.#write?.before === JSON.stringify(this.#ledger.status)) this.#ledger.write(this.#write.status);
  }
}
