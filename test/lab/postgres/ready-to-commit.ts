import type { Template } from './blue-green.ts';
import type { Instance } from './instance.ts';
import { Switch, type Keeper } from './switch.ts';

/** A switch up to its commit. */
export interface ReadyToCommit {
  readonly it: Switch;
  readonly keeper: Keeper;
  readonly green: Instance;
}

/** One switch in which everything before the commit is done. The caller closes it. */
export async function readyToCommit(template: Template): Promise<ReadyToCommit> {
  const it = await Switch.open(template);
  try {
    const keeper = await it.fenced();
    return { it, keeper, green: await it.green() };
  } catch (error) {
    await it.close();
    throw error;
  }
}
