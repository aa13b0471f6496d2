import { reconcileBackups } from './backups.ts';
import { withCondition, withoutCondition } from './conditions.ts';
import type { Decision } from './decision.ts';
import { reconcileDeletion } from './deletion.ts';
import { inTurn } from './in-turn.ts';
import { observeInstances, reconcileInstances } from './instances.ts';
import { reconcileLeader } from './leader.ts';
import type { Observed } from './observed.ts';
import { reconcileRestore } from './restore.ts';
import { reconcileUsers } from './users.ts';

/**
 * One reconcile, as a pure function. Its order is the operator's: status of instances and Patroni, data source,
 * instances, users, pgBackRest; a step that stops leaves `observedGeneration` as it was.
 */
export function decide(observed: Observed): Decision {
  const { cluster } = observed;
  const before = cluster.status ?? {};
  if (cluster.metadata.deletionTimestamp !== undefined) return reconcileDeletion(observed);
  if (cluster.spec.paused === true) return { status: withCondition(before, observed, 'Paused'), wanted: [] };
  const after = inTurn(observed, observeInstances(observed, withoutCondition(before, 'Progressing')), [
    reconcileRestore,
    reconcileInstances,
    reconcileLeader,
    reconcileUsers,
    reconcileBackups,
  ]);
  const { status, wanted } = after;
  if (after.stop === true) return { status, wanted };
  return { status: { ...status, observedGeneration: cluster.metadata.generation }, wanted };
}
