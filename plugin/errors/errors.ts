import { APPROVAL_ERRORS } from './approval-errors.ts';
import { COMMAND_ERRORS } from './command-errors.ts';
import { FENCE_ERRORS } from './fence-errors.ts';
import { FILE_ERRORS } from './file-errors.ts';
import { GENERATOR_ERRORS } from './generator-errors.ts';
import { RESTORE_ERRORS } from './restore-errors.ts';
import { STEP_ERRORS } from './step-errors.ts';

/** The tables with their headings, for docs and `lifecycle explain`. */
export const ERROR_GROUPS = [
  { heading: 'The lifecycle file', errors: FILE_ERRORS },
  { heading: 'Commands', errors: COMMAND_ERRORS },
  { heading: 'Steps', errors: STEP_ERRORS },
  { heading: 'The window', errors: FENCE_ERRORS },
  { heading: 'Restores', errors: RESTORE_ERRORS },
  { heading: 'Approvals', errors: APPROVAL_ERRORS },
  { heading: 'The generator', errors: GENERATOR_ERRORS },
] as const;

/**
 * Every error code there is: one closed union that code, docs (docs/reference/errors.md is generated from here),
 * `lifecycle explain` and tests share. A code is never renamed and never reused for something else.
 */
export const ERRORS = {
  ...FILE_ERRORS,
  ...COMMAND_ERRORS,
  ...STEP_ERRORS,
  ...FENCE_ERRORS,
  ...RESTORE_ERRORS,
  ...APPROVAL_ERRORS,
  ...GENERATOR_ERRORS,
};

export type ErrorCode = keyof typeof ERRORS;

/** Exit codes of both programs. A step Job counts any but `ok` as failed. */
export const EXIT = { ok: 0, problems: 1, usage: 2, internal: 70 } as const;

/** An error that people see: `code: detail → remedy`. The detail never holds a secret. */
export class LifecycleError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string;

  constructor(code: ErrorCode, detail: string, remedy: string = ERRORS[code].remedy) {
    super(`${code}: ${detail}`);
    this.name = 'LifecycleError';
    this.code = code;
    this.remedy = remedy;
  }
}
