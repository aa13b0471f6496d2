import type { Account, Review } from './port.ts';

/** What GitLab tells of approvals: who approves now, what its system notes say happened when, and when the branch was pushed to. */
export interface GitlabApprovals {
  /** Whoever approves now. */
  readonly approvedBy: readonly Account[];
  /** Whoever asks for changes now. */
  readonly asksForChanges: readonly Account[];
  /** GitLab writes one for every approval, and for every one that is taken back. */
  readonly notes: readonly { readonly by: Account; readonly body: string; readonly at: Date }[];
  /** One for every push; each is the head from then on. */
  readonly versions: readonly { readonly head: string; readonly at: Date }[];
}

const APPROVED = /^approved this merge request$/i;
const TAKEN_BACK = /^unapproved this merge request$/i;
const ASKED = /^(?:requested|has requested) changes$/i;

/** The second is what GitLab does where the branch that it went into was merged, and removed. */
const RETARGETED = /^(?:changed target branch from|deleted the .* branch\. This merge request now targets)\b/i;

/** When it was last made to go into another branch. */
export const baseChangedAt = (notes: GitlabApprovals['notes']): Date | undefined =>
  notes
    .filter(({ body }) => RETARGETED.test(body.trim()))
    .map(({ at }) => at)
    .toSorted((a, b) => b.getTime() - a.getTime())[0];

/**
 * An approval of GitLab names no commit, and whether a push takes it away is a setting that has gaps. So each is taken for one of the head that the branch had
 * at its time: one that cannot be dated is of none.
 */
export function reviewsFrom({ approvedBy, asksForChanges, notes, versions }: GitlabApprovals): readonly Review[] {
  const last = (login: string, pattern: RegExp): Date | undefined =>
    notes
      .filter(({ by, body }) => by.login === login && pattern.test(body.trim()))
      .map(({ at }) => at)
      .toSorted((a, b) => b.getTime() - a.getTime())[0];
  const asking = new Set(asksForChanges.map(({ login }) => login));
  const approving = new Set(approvedBy.map(({ login }) => login));
  const gone = new Map(
    notes
      .filter(({ by, body }) => !asking.has(by.login) && !approving.has(by.login) && APPROVED.test(body.trim()))
      .map(({ by }) => [by.login, by]),
  );
  const at = (time: Date | undefined): { readonly commit: string; readonly at: Date } => ({
    commit: time === undefined ? '' : headAt(versions, time),
    at: time ?? new Date(0),
  });
  return [
    ...approvedBy
      .filter(({ login }) => !asking.has(login))
      .map((by) => ({ by, state: 'approved' as const, ...at(last(by.login, APPROVED)) })),
    ...asksForChanges.map((by) => ({
      by,
      state: 'changes requested' as const,
      ...at(last(by.login, ASKED) ?? last(by.login, APPROVED)),
    })),
    ...[...gone.values()].map((by) => ({
      by,
      state: 'withdrawn' as const,
      ...at(last(by.login, TAKEN_BACK) ?? last(by.login, APPROVED)),
    })),
  ].toSorted((a, b) => a.at.getTime() - b.at.getTime());
}

/** @returns an empty text where the branch had none that is known. */
function headAt(versions: GitlabApprovals['versions'], time: Date): string {
  const newestFirst = versions.toSorted((a, b) => b.at.getTime() - a.at.getTime());
  return newestFirst.find(({ at }) => at < time)?.head ?? '';
}
