import type { Moment } from './moment.ts';

/** A restore in a database's life: when it ended a chapter, and the last moment that it brought back. */
export interface Turn {
  readonly at: Moment;
  readonly to: Moment;
}

/**
 * Whether what happened at a moment is part of the data now: it may have been undone by a restore to a moment before it, and be
 * there again by one to a moment after it.
 * @param turns oldest first.
 */
export function isStillThere(turns: readonly Turn[], happened: Moment): boolean {
  const chapterOf = (moment: Moment): number => turns.filter(({ at }) => at <= moment).length;
  const chapter = chapterOf(happened);
  let [reached, until] = [turns.length, Infinity];
  // Each chapter begins with what another one held at a moment.
  while (reached > chapter) {
    until = turns[reached - 1]?.to ?? 0;
    reached = chapterOf(until);
  }
  return reached === chapter && happened <= until;
}
