import type { V1Pod } from '@kubernetes/client-node';
import type { Observed } from '../core/observed.ts';
import type { User } from './ensure-users.ts';
import type { Scope } from './scope.ts';

/** One reconcile of one cluster: what was seen, and when to look again if no watch will tell. */
export interface Pass extends Scope {
  readonly observed: Observed;
  readonly pods: readonly V1Pod[];
  readonly users: readonly User[];
  lookAgain(afterMilliseconds: number): void;
}
