import { claimsOf } from './claims.ts';
import type { Branch, Valid, ValidEntry } from './entry.ts';

/** What this process gave parameters for, so that nothing that is pushed elsewhere takes them away. */
export interface Standing {
  readonly of: (branch: Branch, folder: string) => Valid | undefined;
  /** @param compared with every other repository: where one is unknown, a newcomer may have got what is not its own */
  readonly keep: (branch: Branch, entries: readonly ValidEntry[], compared: boolean) => void;
}

export function createStanding(): Standing {
  const kept = new Map<string, ReadonlyMap<string, Valid>>();
  const keyOf = ({ repository, branch }: Branch): string => `${repository.url} ${branch}`;
  return {
    of: (branch, folder) => kept.get(keyOf(branch))?.get(folder),
    keep: (branch, entries, compared) => {
      const key = keyOf(branch);
      const before = kept.get(key);
      const { cluster } = branch.repository;
      const goesOn = (entry: ValidEntry): boolean => {
        const stood = before?.get(entry.folder);
        const claims = claimsOf(cluster, entry);
        return stood !== undefined && claims.every((claim) => claimsOf(cluster, stood).includes(claim));
      };
      const standing = compared ? entries : entries.filter(goesOn);
      kept.set(key, new Map(standing.map((entry) => [entry.folder, entry])));
    },
  };
}
