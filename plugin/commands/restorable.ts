import { EXIT } from '../errors/errors.ts';
import { chosenLifecycle, type InCluster } from './in-cluster.ts';
import type { Io } from './io.ts';
import { restorableTable } from './restorable-text.ts';
import { restorableView, servingInstance } from './restorable-view.ts';
import { lifecycleObject } from './status-view.ts';

export interface RestorableOptions extends InCluster {
  readonly output: 'table' | 'json';
}

/** What of the instance that serves can be restored. @returns the exit code: a repository that cannot be read is a problem. */
export async function restorable(io: Io, name: string | undefined, options: RestorableOptions): Promise<number> {
  const lifecycles = await io.connect(options);
  const object = lifecycleObject(await lifecycles.get(await chosenLifecycle(lifecycles, name)));
  const instance = servingInstance(object);
  const host = await lifecycles.databaseHost(instance.cluster);
  const view = await restorableView(object, instance, host, (repository) => {
    if (io.terminal) io.err(`reading ${repository} …\n`);
  });
  io.out(options.output === 'json' ? `${JSON.stringify(view, undefined, 2)}\n` : restorableTable(view, io.colours));
  return view.repositories.some(({ problem }) => problem !== undefined) ? EXIT.problems : EXIT.ok;
}
