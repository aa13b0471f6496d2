import type { Logger } from 'pino';
import { textOf } from '../plugin/errors/text-of.ts';
import type { Config } from './config/schema.ts';
import type { Inventory } from './ports.ts';
import { until } from './server/until.ts';

const AT_ONCE = 4;

/**
 * Asks once for every branch, so that the first call to a new replica does not wait for a clone. Whatever comes of it, the replica is ready
 * then: a repository that cannot be reached must not take all replicas away with it.
 * @returns when each was tried, at the latest after limits.fetchSeconds
 */
export async function warmUp(
  inventory: Pick<Inventory, 'parameters'>,
  { repositories, limits }: Pick<Config, 'repositories' | 'limits'>,
  log: Pick<Logger, 'warn'>,
  stop: AbortSignal,
): Promise<void> {
  const waiting = repositories.flatMap(({ url, revisions }) => revisions.map((revision) => ({ url, revision })));
  const signal = AbortSignal.any([stop, AbortSignal.timeout(limits.fetchSeconds * 1000)]);
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next && !signal.aborted; next = waiting.shift()) {
      const { url, revision } = next;
      try {
        await until(inventory.parameters({ repoURL: url, revision, paths: [], values: {} }, signal), signal);
      } catch (error) {
        if (!stop.aborted) log.warn({ repository: url, revision, message: textOf(error) }, 'not warm');
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
