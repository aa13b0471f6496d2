import type { Problem } from '../lifecycle/problem.ts';
import type { ChangedFile } from './changed-files.ts';
import type { FieldChange } from './field-changes.ts';
import type { PlanView } from './plan-view.ts';

/** What a change of a repository does to its lifecycles: a pure value, the same wherever it is made. */
export interface Review {
  /** What is compared, as object ids. */
  readonly commits: Commits;
  /** Every lifecycle file that was added, changed, moved or removed, or that is rendered with other templates; by path. */
  readonly files: readonly FileReview[];
  /** Of these files, and between them and all others; by file, line and column. */
  readonly problems: readonly Problem[];
}

export interface Commits {
  readonly base: string;
  readonly head: string;
}

export interface FileReview extends ChangedFile {
  /** Absent where the file was not there, or cannot be read. */
  readonly before?: PlanBefore;
  readonly after?: PlanView;
  /** Of two files that can both be read. */
  readonly fields: readonly FieldChange[];
  /** How many more fields changed than are listed. */
  readonly moreFields: number;
  /** `Kind name` of what is rendered now and was not, and the other way round: Jobs and their accounts aside. */
  readonly objects: { readonly come: readonly string[]; readonly go: readonly string[] };
  /** Whether a saved status was looked at, which knows what a rehearsal measured. */
  readonly measured: boolean;
  /** There are more files than are looked into; of this one only the problems are told. */
  readonly skipped?: true;
}

export type PlanBefore = Pick<PlanView, 'lifecycle' | 'plan' | 'digest' | 'blue' | 'green' | 'serves'> & {
  /** What an approver would have signed: SHA-256 over the request. */
  readonly request?: string;
};
