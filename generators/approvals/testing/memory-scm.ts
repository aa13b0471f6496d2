import type { RememberedScm } from '../../scm/remembered.ts';
import type { PullRequestFacts, Scm } from '../../scm/port.ts';

/** A source host of facts that are told, which can be down. */
export interface MemoryScm {
  readonly scm: RememberedScm;
  readonly pulls: Map<number, PullRequestFacts>;
  /** Pull requests by the commit that they made. */
  readonly merges: Map<string, number>;
  readonly teams: Map<string, readonly string[]>;
  down: Error | undefined;
  asked: number;
}

export function memoryScm(kind: Scm['kind'] = 'github'): MemoryScm {
  const pulls = new Map<number, PullRequestFacts>();
  const merges = new Map<string, number>();
  const teams = new Map<string, readonly string[]>();
  const answer = <T>(value: T): Promise<T> => {
    it.asked += 1;
    return it.down ? Promise.reject(it.down) : Promise.resolve(value);
  };
  const nothing = (): Promise<never> => Promise.reject(new Error('nothing of this is asked here'));
  const scm: RememberedScm = {
    ...{ kind, project: 'shop/deploy', forget: () => undefined },
    pullRequest: (number) => answer(pulls.get(number)),
    reviews: (number) => answer(pulls.get(number)?.reviews ?? []),
    mergedPullRequestOf: (commit) => answer(merges.get(commit)),
    teamMembers: (team) => answer(teams.get(team)),
    fileAt: nothing,
    openPullRequests: nothing,
    changedFiles: nothing,
    upsertComment: nothing,
    setStatus: nothing,
  };
  const it: MemoryScm = { scm, pulls, merges, teams, down: undefined, asked: 0 };
  return it;
}
