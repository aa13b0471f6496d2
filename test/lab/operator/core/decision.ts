import type { Status } from './cluster.ts';
import type { RestoreSource } from './restore-source.ts';

/** One thing that the edge must do; every one of them is idempotent. */
export type Wanted =
  | { readonly want: 'delete-runners'; readonly instances: readonly string[] }
  | { readonly want: 'delete-instance'; readonly instance: string }
  | { readonly want: 'delete-leadership' }
  | { readonly want: 'delete-job'; readonly job: string }
  | { readonly want: 'repository-host' }
  | { readonly want: 'instances'; readonly instances: readonly { readonly name: string; readonly set: string }[] }
  | {
      readonly want: 'restore-job';
      readonly instance: string;
      readonly set: string;
      readonly source: RestoreSource;
      readonly id: string;
      readonly configHash: string;
    }
  | { readonly want: 'create-stanzas'; readonly repos: readonly string[] }
  | {
      readonly want: 'backup-job';
      readonly purpose: 'manual' | 'replica-create';
      readonly id?: string;
      readonly repo: string;
      readonly options: readonly string[];
    }
  | { readonly want: 'schedules' }
  | { readonly want: 'users' }
  | { readonly want: 'start-primary'; readonly instance: string }
  | { readonly want: 'start-replica'; readonly instance: string }
  | { readonly want: 'promote'; readonly instance: string }
  | { readonly want: 'configure'; readonly instance: string }
  | { readonly want: 'lead'; readonly instance: string; readonly address?: string }
  | { readonly want: 'label-role'; readonly pod: string; readonly role: 'master' | 'replica' }
  | { readonly want: 'warn'; readonly reason: string; readonly message: string }
  | { readonly want: 'remove-finalizer' };

export interface Decision {
  readonly status: Status;
  readonly wanted: readonly Wanted[];
}

/** A step of a decision; `stop` ends it here, as the operator's reconcile returns early. */
export interface Step extends Decision {
  readonly stop?: boolean;
}
