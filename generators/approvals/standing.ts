import { MAX_APPROVERS } from '../../plugin/approval/claims.ts';

/** Who stands where with a request: for the verdict, the comment on the pull request, and the page. */
export interface Standing {
  /** How many have to approve. */
  readonly quorum: number;
  /** Logins that count, in the order of their approvals. */
  readonly approvedBy: readonly string[];
  /** Who may and has not: logins, `@org/team`. */
  readonly mayApprove: readonly string[];
  /** Whose review does not count, with the reason. */
  readonly notCounted: readonly NotCounted[];
  /** Why nobody may approve as a code owner, where that is so: for people. */
  readonly unread?: string | undefined;
  /** Why nobody's approval counts here, whatever is approved: for people. */
  readonly refused: string | undefined;
}

interface NotCounted {
  readonly who: string;
  readonly code: NotCountedCode;
  /** For people: `opened the pull request`. */
  readonly why: string;
}

export const NOT_COUNTED = {
  author: 'opened the pull request',
  'commit-author': 'is an author of a commit in it',
  bot: 'is no person',
  'not-allowed': 'may not approve this request',
  'old-head': 'approved an older state of it',
  'old-base': 'approved it before it was to go into this branch',
  dismissed: 'had the review dismissed',
  withdrawn: 'asks for changes, or took the approval back',
  name: 'has a name that an approval cannot carry',
} as const;

export type NotCountedCode = keyof typeof NOT_COUNTED;

/** As many as a token can name. */
export const namedBy = ({ approvedBy }: Standing): readonly string[] => approvedBy.slice(0, MAX_APPROVERS);
