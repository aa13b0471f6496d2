import { LifecycleError } from '../../plugin/errors/errors.ts';
import type { Decision, Yes } from './decide.ts';

/** How long ago a verdict may be that stands in where the source host does not answer. */
const STANDS_IN_MILLISECONDS = 600_000;

/** How long one that ran out is not asked for again: somebody may have reviewed again, and no webhook have said so. */
const RAN_OUT_MILLISECONDS = 3_600_000;

/** More of them are forgotten, the oldest first. */
const MOST_GIVEN = 10_000;

export interface Kept {
  /** @param id of what came in, with the commits that brought it: another one is asked for by itself. */
  readonly decided: (id: string, ask: () => Promise<Decision>) => Promise<Decision>;
  /** Its reviews are others now. @param pullRequest `owner/name#12` */
  readonly changed: (pullRequest: string) => void;
}

/**
 * What was given. It stands in where the host does not answer: for a while, and without an end where it ran out, because nothing begins on that.
 * Where it ran out the host is not even asked. A replica that knows nothing of it answers the same, later.
 */
export function keepGiven(now: () => Date): Kept {
  const given = new Map<string, { readonly yes: Yes; readonly at: number; readonly ranOut: boolean }>();
  const anew = new Set<string>();

  async function ask(id: string, at: number, decide: () => Promise<Decision>): Promise<Decision> {
    const decision = await decide();
    given.delete(id);
    anew.delete(id);
    if ('given' in decision) given.set(id, { yes: decision, at, ranOut: decision.given.until.getTime() <= at });
    for (const oldest of given.keys()) {
      if (given.size <= MOST_GIVEN) break;
      given.delete(oldest);
      anew.delete(oldest);
    }
    return decision;
  }

  return {
    async decided(id, decide) {
      const at = now().getTime();
      const before = given.get(id);
      if (before?.ranOut && !anew.has(id) && at - before.at < RAN_OUT_MILLISECONDS) return before.yes;
      try {
        return await ask(id, at, decide);
      } catch (error) {
        const unreachable = error instanceof LifecycleError && error.code === 'generator-scm-unreachable';
        if (unreachable && before && (before.ranOut || at - before.at < STANDS_IN_MILLISECONDS)) return before.yes;
        throw error;
      }
    },
    changed(pullRequest) {
      for (const [id, { yes }] of given) if (yes.given.pullRequest === pullRequest) anew.add(id);
    },
  };
}
