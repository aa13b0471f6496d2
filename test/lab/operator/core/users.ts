import type { Cluster, Status, UserSpec } from './cluster.ts';
import type { Step } from './decision.ts';
import { primaryPod } from './leader.ts';
import type { Observed } from './observed.ts';

/** Users that the spec asks for; without any mention of users, one that is called like the cluster. */
export function usersOf(cluster: Cluster): readonly UserSpec[] {
  const { name } = cluster.metadata;
  return cluster.spec.users ?? [{ name, databases: [name] }];
}

export type OperatorRole = '_crunchypgbouncer' | 'ccp_monitoring';

/** Roles that the operator makes for its own parts. */
export function operatorRoles({ spec }: Cluster): readonly OperatorRole[] {
  return [
    ...(spec.proxy?.pgBouncer ? ['_crunchypgbouncer' as const] : []),
    ...(spec.monitoring?.pgmonitor?.exporter ? ['ccp_monitoring' as const] : []),
  ];
}

/**
 * Roles and databases are written once for each revision of spec and Secrets: a restore in place brings old
 * passwords back and nothing puts the Secret's again.
 */
export function reconcileUsers(observed: Observed, before: Status): Step {
  const { usersApplied, usersRevision } = observed;
  const status = usersApplied === undefined ? before : { ...before, usersRevision: usersApplied };
  const due = usersRevision !== undefined && status.usersRevision !== usersRevision;
  return { status, wanted: due && primaryPod(observed) !== undefined ? [{ want: 'users' }] : [] };
}
