import type { RepositoryStatus, Status } from './cluster.ts';
import { withCondition } from './conditions.ts';
import type { Step } from './decision.ts';
import { inTurn } from './in-turn.ts';
import { reconcileInitialBackup } from './initial-backup.ts';
import { reconcileManualBackup } from './manual-backup.ts';
import type { Observed } from './observed.ts';
import { reconcileStanzas } from './stanzas.ts';

/** Repository host, stanzas, first backup, schedules, one-off backup. */
export function reconcileBackups(observed: Observed, before: Status): Step {
  if (observed.cluster.spec.backups === undefined) return { status: before, wanted: [] };
  const { status, wanted } = reconcileHost(observed, before);
  if (observed.repoHost === undefined) return { status, wanted };
  const rest = inTurn(observed, status, [reconcileStanzas, reconcileInitialBackup, reconcileManualBackup]);
  return { status: rest.status, wanted: [...wanted, ...rest.wanted] };
}

/** What a restore from the cluster's own repository needs of it: the host, no stanza and no backup yet. */
export function repositoryConditions(observed: Observed, before: Status): Step {
  const { status, wanted } = reconcileHost(observed, before);
  return {
    status: withCondition(withCondition(status, observed, 'StanzaNotCreated'), observed, 'RepoBackupNotComplete'),
    wanted,
  };
}

function reconcileHost(observed: Observed, status: Status): Step {
  const ready = observed.repoHost?.ready ?? false;
  const repos = (observed.cluster.spec.backups?.pgbackrest.repos ?? []).map(({ name }) =>
    repositoryStatus(observed, status, name),
  );
  return {
    status: withCondition(
      { ...status, pgbackrest: { ...status.pgbackrest, repoHost: { ready }, repos } },
      observed,
      ready ? 'RepoHostReady' : 'RepoHostNotReady',
    ),
    wanted: [{ want: 'repository-host' }],
  };
}

function repositoryStatus(observed: Observed, status: Status, name: string): RepositoryStatus {
  const before = status.pgbackrest?.repos?.find((repo) => repo.name === name);
  return {
    ...before,
    name,
    stanzaCreated: before?.stanzaCreated ?? false,
    ...(observed.repoVolumes.has(name) ? { bound: true } : {}),
  };
}
