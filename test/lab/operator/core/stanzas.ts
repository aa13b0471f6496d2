import type { Status } from './cluster.ts';
import { withCondition } from './conditions.ts';
import type { Step } from './decision.ts';
import { primaryPod } from './leader.ts';
import type { Observed } from './observed.ts';
import { isHostReady } from './repositories.ts';

/**
 * Creates the stanza in every repository and waits for the outcome, as the operator does. What went wrong is an
 * event; status says only `stanzaCreated: false`.
 */
export function reconcileStanzas(observed: Observed, before: Status): Step {
  const repos = (before.pgbackrest?.repos ?? []).map((repo) => {
    const outcome = observed.stanzas[repo.name];
    return outcome === undefined ? repo : { ...repo, stanzaCreated: outcome === 'created' };
  });
  const status = withCondition(
    { ...before, pgbackrest: { ...before.pgbackrest, repos } },
    observed,
    repos[0]?.stanzaCreated === true ? 'StanzaCreated' : 'StanzaNotCreated',
  );
  const missing = repos.filter((repo) => !repo.stanzaCreated).map((repo) => repo.name);
  const failed = missing.filter((name) => observed.stanzas[name] === 'failed');
  const possible = isHostReady(observed) && primaryPod(observed) !== undefined;
  return {
    status,
    stop: possible && missing.length > failed.length,
    wanted: [
      ...failed.map(
        (name) => ({ want: 'warn', reason: 'UnableToCreateStanzas', message: `stanza in ${name}` }) as const,
      ),
      ...(possible && missing.length > 0 ? [{ want: 'create-stanzas', repos: missing } as const] : []),
    ],
  };
}
