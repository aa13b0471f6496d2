import { LifecycleError } from '../../plugin/errors/errors.ts';
import type { Change, Link } from '../repositories/log.ts';
import { folderOf } from './folders.ts';

/** A first-parent commit with the lifecycle files that it added and removed. */
export interface Step extends Link, Change {}

export interface Shrinking {
  readonly where: string;
  /** Folders that are asked for and have a lifecycle file at the head. */
  readonly present: ReadonlySet<string>;
  /** Those of them that have parameters. */
  readonly standing: ReadonlySet<string>;
  readonly asked: (folder: string) => boolean;
  /** The newest first-parent commits, the newest first. */
  readonly steps: readonly Step[];
  /** What this process answered last to the same question. */
  readonly answered: { readonly head: string; readonly folders: ReadonlySet<string> } | undefined;
  readonly head: string;
  /** limits.shrinkPercent */
  readonly percent: number;
}

/**
 * Refuses where more lifecycle files went away at once than may: in one of the newest commits, as far as they are still away; where the
 * branch was rewritten, since the last answer; and where files that are there have no parameters any more. One may always go, unless none may at all; the last one never.
 * @throws LifecycleError generator-shrunk
 */
export function checkShrink(shrinking: Shrinking): void {
  const { where, present, standing, answered, head, steps } = shrinking;
  if (standing.size === 0)
    throw shrunk(
      where,
      'no valid lifecycle file is there that was asked for, and an empty list would remove every Application',
    );
  let after = present.size;
  const told = new Set<string>();
  for (const step of steps) {
    const added = foldersOf(step.added, shrinking);
    const removed = foldersOf(step.removed, shrinking);
    after = after - added.size + removed.size;
    const gone = [...removed].filter((folder) => !present.has(folder) && !told.has(folder));
    for (const folder of gone) told.add(folder);
    check(shrinking, gone, after, `commit ${step.commit.slice(0, 12)}`);
  }
  const withheld = [...(answered?.folders ?? [])].filter((folder) => present.has(folder) && !standing.has(folder));
  check(shrinking, withheld, answered?.folders.size ?? 0, 'problems that came since the last answer');
  if (!answered || answered.head === head || steps.some(({ commit }) => commit === answered.head)) return;
  const gone = [...answered.folders].filter((folder) => !standing.has(folder));
  check(
    shrinking,
    gone,
    answered.folders.size,
    `the last answer, at ${answered.head.slice(0, 12)}, which is none of the newest commits`,
  );
}

const foldersOf = (paths: readonly string[], { asked }: Shrinking): ReadonlySet<string> =>
  new Set(
    paths
      .filter((path) => path.endsWith('lifecycle.yaml'))
      .map(folderOf)
      .filter(asked),
  );

function check({ where, percent }: Shrinking, gone: readonly string[], of: number, since: string): void {
  const allowed = percent === 0 ? 0 : Math.max(1, Math.floor((of * percent) / 100));
  if (gone.length <= allowed) return;
  const named = gone.slice(0, 5).join(', ') + (gone.length > 5 ? ', …' : '');
  throw shrunk(
    where,
    `${gone.length} of ${of} lifecycle files went away with ${since} (${named}); at most ${allowed} may`,
  );
}

const shrunk = (where: string, detail: string): LifecycleError =>
  new LifecycleError('generator-shrunk', `${where}: ${detail}`.replace(/\p{Cc}/gu, '?'));
