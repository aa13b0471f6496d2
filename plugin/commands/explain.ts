import picocolors from 'picocolors';
import { ERRORS, ERROR_GROUPS, LifecycleError, type ErrorCode } from '../errors/errors.ts';
import type { ErrorTable } from '../errors/error-text.ts';
import type { Io } from './io.ts';

const isCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code);

export function explain(io: Io, code?: string): void {
  const { bold, dim } = picocolors.createColors(io.colours);
  if (code === undefined) {
    const group = ({ heading, errors }: { readonly heading: string; readonly errors: ErrorTable }): string =>
      [bold(heading), ...Object.entries(errors).map(([each, { title }]) => `  ${each}  ${dim(title)}`)].join('\n');
    io.out(`${ERROR_GROUPS.map(group).join('\n\n')}\n`);
    return;
  }
  if (!isCode(code)) throw new LifecycleError('unknown-code', JSON.stringify(code));
  const { title, remedy } = ERRORS[code];
  io.out(`${bold(code)}\n  What it means: ${title}.\n  What to do:    ${remedy}.\n`);
}
