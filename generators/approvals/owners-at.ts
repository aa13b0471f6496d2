import type { Scm } from '../scm/port.ts';
import { CODE_OWNERS_FILES, ownersOf } from './code-owners.ts';

/** A state of the repository: reads a file of it. */
export type ReadFile = (file: string) => Promise<Uint8Array | undefined>;

/**
 * Whoever owns a path in every state: in that before the pull request, so that it cannot name its own approvers, and in that which its branch
 * started from or goes into now, so that an old branch brings back none of the past.
 */
export async function ownersAt(
  kind: Scm['kind'],
  path: string,
  states: readonly ReadFile[],
): Promise<readonly string[]> {
  if (kind === 'gitea') return [];
  const [first = [], ...others] = await Promise.all(states.map((read) => ownersIn(kind, path, read)));
  return first.filter((owner) => others.every((each) => each.includes(owner)));
}

async function ownersIn(kind: 'github' | 'gitlab', path: string, read: ReadFile): Promise<readonly string[]> {
  for (const file of CODE_OWNERS_FILES[kind]) {
    const content = await read(file);
    if (content) return ownersOf(new TextDecoder().decode(content), path, kind);
  }
  return [];
}
