import { chainOf, changesOf } from '../repositories/log.ts';
import type { Mirror } from '../repositories/mirror.ts';
import { NEWEST_COMMITS } from './branch.ts';
import { createRecent } from './recent.ts';
import type { Step } from './shrink.ts';

export type StepsOf = (mirror: Mirror, head: string, signal: AbortSignal) => Promise<readonly Step[]>;

/** The newest first-parent commits and what each did; a commit is asked about once. */
export function createSteps(most: number): StepsOf {
  const kept = createRecent<string, Step>(most);
  return (mirror, head, signal) =>
    mirror.read('the newest commits', signal, async (run) => {
      const chain = (await chainOf(run, head, NEWEST_COMMITS)).filter(({ parent }) => parent !== undefined);
      const missing = chain.filter(({ commit }) => kept.get(commit) === undefined);
      const changes = await changesOf(run, missing);
      const made = new Map(missing.map((link, index) => [link.commit, { ...link, ...(changes[index] ?? NONE) }]));
      for (const [commit, step] of made) kept.set(commit, step);
      return chain.flatMap(({ commit }) => made.get(commit) ?? kept.get(commit) ?? []);
    });
}

const NONE = { added: [], removed: [] } as const;
