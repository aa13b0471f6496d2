import type { ParameterSet } from '../parameter-set.ts';
import type { RepositoryView } from '../ports.ts';
import type { Mirror } from '../repositories/mirror.ts';
import { isValid, type Branch, type Entry } from './entry.ts';
import type { Recent } from './recent.ts';
import { NOT_NEEDED, parametersOf } from './parameters.ts';

/** What was answered last, kept for the page. */
export interface Seen {
  /** By repository and branch. */
  readonly settled: ReadonlyMap<
    string,
    { readonly branch: Branch; readonly entries: readonly Entry[]; readonly unknown: readonly string[] }
  >;
  /** By repository, branch and folder. */
  readonly approvals: Recent<string, { readonly digest: string; readonly given: ParameterSet['approval'] }>;
}

const NOT_ASKED: ParameterSet['approval'] = {
  state: 'missing',
  token: '',
  message: 'nobody has asked for its parameters yet',
};

export function viewOf({ repository, known, failure, fetches }: Mirror, { settled, approvals }: Seen): RepositoryView {
  return {
    url: repository.url,
    fetchedAt: known()?.fetchedAt,
    failure: failure()?.message,
    fetches: fetches(),
    revisions: repository.revisions.flatMap((revision) => {
      const key = `${repository.url} ${revision}`;
      const state = settled.get(key);
      if (!state) return [];
      const files = state.entries.filter(isValid).map((entry) => {
        const last = approvals.get(`${key} ${entry.folder}`);
        const { asks, restore } = entry.facts;
        const approval = !asks ? NOT_NEEDED : last?.digest === restore.request ? last.given : NOT_ASKED;
        return parametersOf(entry, repository, revision, { ...approval, token: '' }, {});
      });
      const problems = [
        ...state.entries.filter((entry) => !isValid(entry)).map(({ problem }) => problem),
        ...state.unknown.map(
          (url) => `nothing is known of ${url}: whether its files claim what these do was not looked at`,
        ),
      ];
      const lastGood = state.entries.flatMap(({ folder, commit, committedAt }) =>
        commit !== undefined && committedAt ? [{ path: folder, commit, committedAt }] : [],
      );
      return [{ revision, commit: state.branch.head, files, lastGood, problems }];
    }),
  };
}
