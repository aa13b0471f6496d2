import type { Scm } from './port.ts';

export interface RememberOptions {
  readonly now: () => Date;
  /** How long an answer is taken for current, where no webhook said otherwise. */
  readonly freshMilliseconds: number;
  /** Questions to the host at a time. */
  readonly atOnce: number;
}

export const REMEMBER: Omit<RememberOptions, 'now'> = { freshMilliseconds: 30_000, atOnce: 8 };

export type RememberedScm = Scm & {
  /** A webhook says that something has changed: every question is asked anew. */
  readonly forget: () => void;
};

interface Answer {
  readonly at: number;
  readonly value: Promise<unknown>;
}

/** More are forgotten, the oldest first. */
const MOST_ANSWERS = 10_000;

/**
 * A source host that is asked the same thing once in a while, by many at the same time too, and never too much at once. What it does not
 * answer is not remembered. What is written goes through.
 */
export function remembered(scm: Scm, { now, freshMilliseconds, atOnce }: RememberOptions): RememberedScm {
  const answers = new Map<string, Answer>();
  const limited = limit(atOnce);

  function once<T>(question: string, ask: () => Promise<T>): Promise<T> {
    const known = answers.get(question);
    const at = now().getTime();
    if (known && at - known.at < freshMilliseconds) return known.value as Promise<T>;
    const value = limited(ask);
    const answer = { at, value };
    answers.delete(question);
    answers.set(question, answer);
    value.catch(() => {
      // Another question of the same words may have been asked since.
      if (answers.get(question) === answer) answers.delete(question);
    });
    for (const oldest of answers.keys()) {
      if (answers.size <= MOST_ANSWERS) break;
      answers.delete(oldest);
    }
    return value;
  }

  return {
    kind: scm.kind,
    project: scm.project,
    forget() {
      answers.clear();
    },
    pullRequest: (number) => once(`pull ${number}`, () => scm.pullRequest(number)),
    mergedPullRequestOf: (commit, branch) =>
      once(`merged ${commit} ${branch}`, () => scm.mergedPullRequestOf(commit, branch)),
    openPullRequests: () => once('open', () => scm.openPullRequests()),
    changedFiles: (number) => once(`files ${number}`, () => scm.changedFiles(number)),
    teamMembers: (team) => once(`team ${team}`, () => scm.teamMembers(team)),
    fileAt: (ref, path) => once(`file ${ref}\n${path}`, () => scm.fileAt(ref, path)),
    upsertComment: (number, marker, body, onlyEdit) => limited(() => scm.upsertComment(number, marker, body, onlyEdit)),
    setStatus: (commit, status) => limited(() => scm.setStatus(commit, status)),
  };
}

function limit(atOnce: number): <T>(run: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (run) => {
    if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await run();
    } finally {
      // The place goes to whoever waits longest, so that none is free in between.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
