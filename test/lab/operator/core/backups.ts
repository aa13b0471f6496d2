import type { Status } from './cluster.ts';
import { withCondition, withoutCondition } from './conditions.ts';
import type { Step } from './decision.ts';
import { inTurn } from './in-turn.ts';
import { reconcileInitialBackup } from './initial-backup.ts';
import { reconcileManualBackup } from './manual-backup.ts';
import type { Observed } from './observed.ts';
import { isHostReady, repositoryStatuses, volumeRepos } from './repositories.ts';
import { reconcileStanzas } from './stanzas.ts';

/** Repository host where a volume needs one, stanzas, first backup, schedules, one-off backup. */
export function reconcileBackups(observed: Observed, before: Status): Step {
  if (observed.cluster.spec.backups === undefined) return { status: before, wanted: [] };
  const { status, wanted } = reconcileHost(observed, before);
  if (wanted.length > 0 && observed.repoHost === undefined) return { status, wanted };
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

function reconcileHost(observed: Observed, before: Status): Step {
  const repos = repositoryStatuses(observed, before.pgbackrest?.repos ?? []);
  const status = { ...before, pgbackrest: { ...before.pgbackrest, repos } };
  if (volumeRepos(observed.cluster).length === 0)
    return { status: withoutCondition(status, 'PGBackRestRepoHostReady'), wanted: [] };
  const ready = isHostReady(observed);
  return {
    status: withCondition(
      { ...status, pgbackrest: { ...status.pgbackrest, repoHost: { ready } } },
      observed,
      ready ? 'RepoHostReady' : 'RepoHostNotReady',
    ),
    wanted: [{ want: 'repository-host' }],
  };
}
