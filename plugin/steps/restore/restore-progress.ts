import { condition, operatorStatus } from '../operator/operator-status.ts';
import type { PostgresClusterView } from '../ports/ports.ts';

/** How far the restore of an id is, as `status.pgbackrest.restore` tells it. */
export type RestoreProgress =
  /** The status tells of another id or of none. */
  | { readonly state: 'requested' }
  /** Torn down; a try runs, or there is a pause after `failures` failed ones: a failing Job is not a finished one. */
  | { readonly state: 'running'; readonly failures: number; readonly trying: boolean; readonly text: string }
  /** Seconds from the Job's start to its completion. */
  | { readonly state: 'succeeded'; readonly seconds: number }
  | { readonly state: 'failed'; readonly text: string };

export type BegunRestore = Exclude<RestoreProgress, { state: 'requested' }>;

/** Ids are compared, because an annotation does not raise the generation: an older success would pass for this one. */
export function restoreProgress(view: PostgresClusterView, id: string): RestoreProgress {
  const status = operatorStatus(view);
  const is = status.pgbackrest.restore;
  if (is?.id !== id) return { state: 'requested' };
  const { active, failed, finished, succeeded, startTime, completionTime } = is;
  if (finished && succeeded > 0 && condition(status, 'PostgresDataInitialized') === 'True') {
    const seconds = startTime && completionTime ? (completionTime.getTime() - startTime.getTime()) / 1000 : 0;
    return { state: 'succeeded', seconds };
  }
  if (finished) return { state: 'failed', text: `restore ${id}: its Job failed for good` };
  const trying = active > 0;
  const doing = trying ? 'restoring' : failed > 0 ? 'between two tries' : 'the operator takes the instances down';
  const text = failed > 0 ? `restore ${id}: its Job failed ${failed} times, ${doing}` : doing;
  return { state: 'running', failures: failed, trying, text };
}
