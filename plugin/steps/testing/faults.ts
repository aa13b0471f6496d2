import type { Cluster, Ledger } from '../ports/ports.ts';

/** The process is gone: nothing that it would have done after this call happens. */
class Killed extends Error {}

type Ports = { readonly ledger: Ledger; readonly cluster: Cluster };

/**
 * Ports of a process that is killed at its n-th call: before the call has an effect, or after it had one and before the
 * answer came. Every later call fails as well, so that no clean-up runs either.
 */
export function killedAt(
  ports: Ports,
  call: number,
  moment: 'before' | 'after',
): Ports & { readonly calls: () => number } {
  let calls = 0;
  const wrap = <T extends object>(port: T): T =>
    new Proxy(port, {
      get: (target, key) => {
        const method: unknown = Reflect.get(target, key, target);
        if (typeof method !== 'function') return method;
        return async (...parameters: readonly unknown[]): Promise<unknown> => {
          calls += 1;
          if (calls > call || (calls === call && moment === 'before')) throw new Killed();
          const answer: unknown = await Reflect.apply(method, target, parameters);
          if (calls === call) throw new Killed();
          return answer;
        };
      },
    });
  return { ledger: wrap(ports.ledger), cluster: wrap(ports.cluster), calls: () => calls };
}
