import { ERRORS, EXIT, LifecycleError } from '../errors/errors.ts';
import { textOf } from '../errors/text-of.ts';
import { formatProblem, type Problem } from '../lifecycle/problem.ts';

/** Refusal of a file: every problem at once. */
export class ProblemsError extends Error {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.name = 'ProblemsError';
    this.problems = problems;
  }
}

/** Refusal of something that is no lifecycle file: `place: code: detail; remedy` like a problem. */
export class PlacedError extends LifecycleError {
  readonly place: string;
  constructor(place: string, ...rest: ConstructorParameters<typeof LifecycleError>) {
    super(...rest);
    this.place = place;
  }
}

/** How an error ends the process: what people read on stderr, and the exit code. */
export function failureOf(error: unknown): { readonly text: string; readonly exit: number } {
  if (error instanceof ProblemsError) return { text: error.message, exit: EXIT.problems };
  if (isLifecycleError(error)) {
    const place = error instanceof PlacedError ? `${error.place}: ` : '';
    const exit = error.code === 'usage' ? EXIT.usage : error.code === 'internal' ? EXIT.internal : EXIT.problems;
    return { text: `${place}${error.message}; ${error.remedy}`, exit };
  }
  const { message, remedy } = new LifecycleError('internal', oneLine(textOf(error)));
  const stack = error instanceof Error ? `\n${error.stack ?? ''}` : '';
  return { text: `${message}; ${remedy}${stack}`, exit: EXIT.internal };
}

/** By its name: what asks a cluster is a bundle of its own, with a class of its own. */
export const isLifecycleError = (error: unknown): error is LifecycleError =>
  error instanceof LifecycleError ||
  (error instanceof Error && 'code' in error && 'remedy' in error && String(error.code) in ERRORS);

/** The first line of stderr says everything (I2). */
export const oneLine = (text: string): string => text.split(/\s*\n\s*/).join(' ');
