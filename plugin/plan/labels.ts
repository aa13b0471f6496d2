/** Labels and annotations on rendered objects: one table for renderer, steps, policies and tests. */
export const LABEL = {
  /** metadata.name of the Lifecycle; on every rendered object. */
  lifecycle: 'lifecycle.bestie.com/lifecycle',
  /** The instance that an object belongs to: selects the application's pods. */
  instance: 'lifecycle.bestie.com/instance',
  /** blue, green, rehearsal or restored; on PostgresClusters and Deployments. */
  role: 'lifecycle.bestie.com/role',
  /** Plan digest; on step Jobs, the keeper, green's and the rehearsal's PostgresCluster. */
  digest: 'lifecycle.bestie.com/digest',
  step: 'lifecycle.bestie.com/step',
  /** `traffic` on the one Service that clients use; the admission policy matches by it. */
  service: 'lifecycle.bestie.com/service',
  /** Only in the traffic Service's selector, and on no pod: the id of the restore for which clients are off. */
  paused: 'lifecycle.bestie.com/paused',
} as const;

/** The operator's own, on everything that it makes for a PostgresCluster. */
export const OPERATOR_LABEL = {
  cluster: 'postgres-operator.crunchydata.com/cluster',
  /** Of an instance's pod: `master` takes writes. */
  role: 'postgres-operator.crunchydata.com/role',
} as const;

export const ANNOTATION = {
  /** On green's PostgresCluster: its attempt was aborted; the value is the reason. Lua health says Degraded. */
  aborted: 'lifecycle.bestie.com/aborted',
  /** Mirror of status.serving on the PostgresCluster that serves. */
  serving: 'lifecycle.bestie.com/serving',
  /** Break-glass: the admission policies let a change pass when the object (old or new) carries a reason here. */
  breakGlass: 'lifecycle.bestie.com/break-glass',
  /** On the Lifecycle: what its file asks for and nobody has approved. */
  awaitingApproval: 'lifecycle.bestie.com/awaiting-approval',
  /** On the Lifecycle: name of an existing instance that an empty ledger may adopt. */
  adopt: 'lifecycle.bestie.com/adopt',
  /** On the Lifecycle: digest of a committed plan after which somebody has looked for lost writes by hand. */
  acceptLostWrites: 'lifecycle.bestie.com/accept-lost-writes',
  /** On the Lifecycle: id of a failed restore after which somebody has brought the database back by hand. */
  acceptFailedRestore: 'lifecycle.bestie.com/accept-failed-restore',
  /** On the PostgresCluster of a restore beside: its id. */
  restoredFor: 'lifecycle.bestie.com/restored-for',
  /** The operator's one-off backup request. */
  pgoBackup: 'postgres-operator.crunchydata.com/pgbackrest-backup',
  /** The id of the operator's restore; it means nothing unless `spec.backups.pgbackrest.restore` is enabled. */
  pgoRestore: 'postgres-operator.crunchydata.com/pgbackrest-restore',
} as const;

/** The pods of an instance: what the traffic Service selects, and exactly two keys, so that none of another match. */
export function instanceSelector(lifecycle: string, instance: string): Readonly<Record<string, string>> {
  return { [LABEL.lifecycle]: lifecycle, [LABEL.instance]: instance };
}
