import type { COMMAND_ERRORS } from '../errors/command-errors.ts';
import type { FileErrorCode } from '../errors/file-errors.ts';

/** What can be wrong with a lifecycle file and what is rendered with it, or with moving it on to its next stage. */
export type ProblemCode =
  | FileErrorCode
  | Extract<
      keyof typeof COMMAND_ERRORS,
      | 'no-lifecycle-file'
      | 'several-lifecycle-files'
      | 'template-unknown'
      | 'template-fixed'
      | 'template-invalid'
      | 'invariant-broken'
      | 'next-needs-green'
      | 'next-green-exists'
      | 'next-needs-status'
      | 'next-not-confirmed'
    >;

/** What a problem of any file says; that of the generator's configuration has a code of its own. */
type Placed = Omit<Problem, 'code'> & { readonly code: string };

/** One problem of a lifecycle file, at the place in the source that it is about. It never repeats a value that may be secret. */
export interface Problem {
  readonly code: ProblemCode;
  /** The file's name as the caller gave it. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** `spec.green.name`, `spec.backup.repositories[0].name`; empty for the file as a whole. */
  readonly path: string;
  readonly detail: string;
  readonly remedy: string;
}

/** `file:line:column: path: code: detail; remedy`, in one line. */
export function formatProblem({ code, file, line, column, path, detail, remedy }: Placed): string {
  const where = [`${file}:${line}:${column}`, ...(path === '' ? [] : [path])].join(': ');
  return `${where}: ${code}: ${detail}; ${remedy}`;
}
