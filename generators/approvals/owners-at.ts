import type { Scm } from '../scm/port.ts';
import { CODE_OWNERS_FILES, ownersOf, type Owners } from './code-owners.ts';

/** A state of the repository: reads a file of it. */
export type ReadFile = (file: string) => Promise<Uint8Array | 'too large' | undefined>;

export const NOBODY: Owners = { owners: [], unread: undefined };

/**
 * Whoever owns a path in every state: in that before the pull request, so that it cannot name its own approvers, and in that which its branch
 * started from or goes into now, so that an old branch brings back none of the past.
 */
export async function ownersAt(kind: Scm['kind'], path: string, states: readonly ReadFile[]): Promise<Owners> {
  if (kind === 'gitea') return NOBODY;
  const [first = NOBODY, ...others] = await Promise.all(states.map((read) => ownersIn(kind, path, read)));
  return {
    owners: first.owners.filter((owner) => others.every(({ owners }) => owners.includes(owner))),
    unread: [first, ...others].find(({ unread }) => unread !== undefined)?.unread,
  };
}

async function ownersIn(kind: 'github' | 'gitlab', path: string, read: ReadFile): Promise<Owners> {
  for (const file of CODE_OWNERS_FILES[kind]) {
    const content = await read(file);
    // Nobody knows whom it names: nobody owns.
    if (content === 'too large') return { owners: [], unread: 'CODEOWNERS is too large' };
    if (content) return ownersOf(new TextDecoder().decode(content), path, kind);
  }
  return NOBODY;
}
