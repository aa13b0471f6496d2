import type { FileErrorCode } from '../errors/file-errors.ts';

/** Keys and indices from the document's root to a value. */
export type Path = readonly (string | number)[];

/** A problem before its place in the source is known. */
export interface Finding {
  readonly code: FileErrorCode;
  readonly path: Path;
  /** What exactly is wrong, as a clause; no value that may be secret. */
  readonly detail: string;
  /** Which part of the field the problem is about; default `value`. */
  readonly at?: 'key' | 'value';
  /** Instead of the code's own. */
  readonly remedy?: string;
  /** Where the source is known already (comments, duplicates): in UTF-16 units from the start. */
  readonly offset?: number;
}

const PLAIN = /^[A-Za-z_][\w-]*$/;
const MAX_KEY_LENGTH = 80;

/** A key as people may see it: quoted, control characters escaped, cut to a length that fits a line. */
export function quoteKey(key: string): string {
  return JSON.stringify(key.length > MAX_KEY_LENGTH ? `${key.slice(0, MAX_KEY_LENGTH)}…` : key);
}

/** `spec.backup.repositories[0].name`; keys that are no plain words stand in brackets. */
export function formatPath(path: Path): string {
  const parts = path.map((part) => {
    if (typeof part === 'number') return `[${part}]`;
    return PLAIN.test(part) && part.length <= MAX_KEY_LENGTH ? `.${part}` : `[${quoteKey(part)}]`;
  });
  return parts.join('').replace(/^\./, '');
}
