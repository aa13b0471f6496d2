import { changedClaims, claimsIn } from './claims.ts';
import { isValid, type Branch, type Entry } from './entry.ts';
import { byText } from './folders.ts';

type Entries = Pick<Branch, 'entries' | 'positions' | 'claims'>;

export function entriesOf(cluster: string, entries: readonly Entry[]): Entries {
  return { ...inOrderOfFolders(entries), claims: claimsIn(cluster, entries.filter(isValid)) };
}

/**
 * The entries of before, with those of some folders as they are now.
 * @param folders whose entries were read again, or are gone
 */
export function entriesAfter(before: Branch, folders: readonly string[], read: readonly Entry[]): Entries {
  const now = new Map(read.map((entry) => [entry.folder, entry]));
  const old = folders.flatMap((folder) => before.entries[before.positions.get(folder) ?? -1] ?? []);
  const claims = changedClaims(before.claims, before.repository.cluster, old.filter(isValid), read.filter(isValid));
  if (old.length === folders.length && folders.every((folder) => now.has(folder))) {
    const entries = [...before.entries];
    for (const [folder, entry] of now) entries[before.positions.get(folder) ?? 0] = entry;
    return { entries, positions: before.positions, claims };
  }
  const again = new Set(folders);
  return { ...inOrderOfFolders([...before.entries.filter(({ folder }) => !again.has(folder)), ...read]), claims };
}

function inOrderOfFolders(entries: readonly Entry[]): Pick<Entries, 'entries' | 'positions'> {
  const sorted = entries.toSorted((a, b) => byText(a.folder, b.folder));
  return { entries: sorted, positions: new Map(sorted.map(({ folder }, index) => [folder, index])) };
}
