import type { PullRequestFacts, Review, Scm } from './port.ts';

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

/** Facts of merged pull requests, which a webhook does not change either. */
const SETTLED_MILLISECONDS = 3_600_000;
const MOST_SETTLED = 1000;

/** Of an author whom the host does not know it may be told any time; whoever is known stays so. */
const isSettled = ({ state, commits }: PullRequestFacts): boolean =>
  state === 'merged' && commits.every(({ authors }) => authors.every(({ login }) => login !== undefined));

/** Names are part of it: where somebody has another one now, that of the authors may be another one, too. */
const same = (a: readonly Review[], b: readonly Review[]): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * A source host that is asked the same thing once in a while, by many at the same time too, and never too much at once. What it does not
 * answer is not remembered. What is written goes through.
 */
export function remembered(scm: Scm, { now, freshMilliseconds, atOnce }: RememberOptions): RememberedScm {
  const answers = new Map<string, Answer>();
  const settled = new Map<number, { readonly at: number; readonly facts: PullRequestFacts }>();
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

  function settledOf(number: number): PullRequestFacts | undefined {
    const known = settled.get(number);
    return known && now().getTime() - known.at < SETTLED_MILLISECONDS ? known.facts : undefined;
  }

  /** Of a merged one its reviews only are asked for, and all of it where they are others than before. */
  async function pullRequest(number: number): Promise<PullRequestFacts | undefined> {
    const known = settledOf(number);
    if (known && same(await scm.reviews(number), known.reviews)) return known;
    settled.delete(number);
    const at = now().getTime();
    const facts = await scm.pullRequest(number);
    if (facts && isSettled(facts)) settled.set(number, { at, facts });
    for (const oldest of settled.keys()) {
      if (settled.size <= MOST_SETTLED) break;
      settled.delete(oldest);
    }
    return facts;
  }

  function mergedAs(commit: string, branch: string): number | undefined {
    return [...settled.keys()].find((number) => {
      const facts = settledOf(number);
      return facts?.mergeCommit === commit && facts.base === branch;
    });
  }

  async function mergedPullRequestOf(commit: string, branch: string): Promise<number | undefined> {
    return mergedAs(commit, branch) ?? scm.mergedPullRequestOf(commit, branch);
  }

  return {
    kind: scm.kind,
    project: scm.project,
    forget() {
      answers.clear();
    },
    pullRequest: (number) => once(`pull ${number}`, () => pullRequest(number)),
    reviews: (number) => once(`reviews ${number}`, () => scm.reviews(number)),
    mergedPullRequestOf: (commit, branch) =>
      once(`merged ${commit} ${branch}`, () => mergedPullRequestOf(commit, branch)),
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
