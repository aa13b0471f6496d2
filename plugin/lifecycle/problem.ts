import type { COMMAND_ERRORS } from '../errors/command-errors.ts';
import { FILE_ERRORS, type FileErrorCode } from '../errors/file-errors.ts';
import { formatPath, type Finding } from './finding.ts';

/** What can be wrong with a lifecycle file, or with moving it on to its next stage. */
export type ProblemCode =
  FileErrorCode | Extract<keyof typeof COMMAND_ERRORS, 'next-needs-green' | 'next-green-exists'>;

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
export function formatProblem({ code, file, line, column, path, detail, remedy }: Problem): string {
  const where = [`${file}:${line}:${column}`, ...(path === '' ? [] : [path])].join(': ');
  return `${where}: ${code}: ${detail}; ${remedy}`;
}

export function comparePlaces(a: Problem, b: Problem): number {
  return a.line - b.line || a.column - b.column || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0);
}

/** @param place of the finding in the source, from 1 */
export function problemOf(
  { code, path, detail, remedy = FILE_ERRORS[code].remedy }: Finding,
  file: string,
  place: { readonly line: number; readonly col: number },
): Problem {
  return { code, file, line: place.line, column: place.col, path: formatPath(path), detail, remedy };
}
