import { LifecycleError } from '../../errors/errors.ts';
import { within } from '../../postgres/wait.ts';
import type { StepContext } from './step.ts';

/** An API server that has not answered for so long keeps nobody from writing, and nobody else from finishing, any longer. */
export const API_SECONDS = 5;

/**
 * The ports to the API server, with a bound on every call, for who has something else to do when no answer comes. A call that was
 * given up may still have its effect later.
 */
export const answeredInTime = (context: StepContext, seconds: number): StepContext => ({
  ...context,
  ledger: inTime(context.ledger, seconds),
  cluster: inTime(context.cluster, seconds),
});

function inTime<T extends object>(port: T, seconds: number): T {
  return new Proxy(port, {
    get: (target, key) => {
      const method: unknown = Reflect.get(target, key, target);
      if (typeof method !== 'function') return method;
      const late = (): Error =>
        new LifecycleError('api-failed', `${String(key)}: the API server did not answer within ${seconds} s`);
      return (...parameters: readonly unknown[]): Promise<unknown> =>
        within(seconds * 1000, Promise.resolve(Reflect.apply(method, target, parameters)), late);
    },
  });
}
