import { LifecycleError } from '../../errors/errors.ts';
import { within } from '../../postgres/wait.ts';
import type { Cluster, Ledger } from './ports.ts';
import type { StepContext } from './step.ts';

/** An API server that has not answered for so long keeps nobody from writing on blue any longer. */
export const API_SECONDS = 5;

/** The ports to the API server, with a bound on every call, for who has something else to do when no answer comes. */
export const answeredInTime = (context: StepContext, seconds: number): StepContext => ({
  ...context,
  ledger: ledgerInTime(context.ledger, seconds),
  cluster: clusterInTime(context.cluster, seconds),
});

const late = (call: string, seconds: number): LifecycleError =>
  new LifecycleError('api-failed', `${call}: the API server did not answer within ${seconds} s`);

/** A write that is under way when it is given up may still arrive; it is not tried again. */
const ledgerInTime = (ledger: Ledger, seconds: number): Ledger => ({
  read: () => within(seconds * 1000, ledger.read(), () => late('read', seconds)),
  update: (change) => {
    let givenUp = false;
    const updating = ledger.update((view) => (givenUp ? undefined : change(view)));
    return within(seconds * 1000, updating, () => {
      givenUp = true;
      return late('update', seconds);
    });
  },
});

const clusterInTime = (cluster: Cluster, seconds: number): Cluster =>
  new Proxy(cluster, {
    get: (target, key) => {
      const method: unknown = Reflect.get(target, key, target);
      if (typeof method !== 'function') return method;
      return (...parameters: readonly unknown[]): Promise<unknown> =>
        within(seconds * 1000, Promise.resolve(Reflect.apply(method, target, parameters)), () =>
          late(String(key), seconds),
        );
    },
  });
