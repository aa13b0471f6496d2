import type { RepositoryConfig } from '../config/schema.ts';
import type { ParameterSet } from '../parameter-set.ts';
import type { ValidEntry } from './entry.ts';

type Approval = ParameterSet['approval'];

export const NOT_NEEDED: Approval = { state: 'not needed', token: '', message: '' };

export function parametersOf(
  entry: ValidEntry,
  { url, cluster }: Pick<RepositoryConfig, 'url' | 'cluster'>,
  branch: string,
  approval: Approval,
  values: ParameterSet['values'],
): ParameterSet {
  const { folder, facts, namespace, commit, problem } = entry;
  const { name, digest, plan, stage, blue, green, restore } = facts;
  return {
    ...{ name, namespace, path: folder, repoURL: url, revision: commit ?? branch, cluster },
    ...{ digest, plan, stage, blue, green, restore, approval, problem, values },
  };
}
