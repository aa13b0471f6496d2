import { EXIT } from '../errors/errors.ts';
import { parseLifecycle } from '../lifecycle/parse.ts';
import { PlacedError, ProblemsError } from './failure.ts';
import type { Io } from './io.ts';
import { findAll, readSource } from './lifecycle-file.ts';

/**
 * Checks files; the problems of all of them are reported. `json`: {files: [{file, ok}], problems: […]} on stdout, whatever
 * the verdict is.
 * @returns the exit code
 */
export function validate(io: Io, paths: readonly string[], { output }: { readonly output: 'text' | 'json' }): number {
  const files = findAll(paths);
  if (files.length === 0) throw new PlacedError(paths.join(', '), 'no-lifecycle-file', 'there is none at or below');
  const results = files.map((file) => ({ file, result: parseLifecycle(readSource(file), file) }));
  const problems = results.flatMap(({ result }) => (result.ok ? [] : result.problems));
  if (output === 'json') {
    const verdicts = results.map(({ file, result }) => ({ file, ok: result.ok }));
    io.out(`${JSON.stringify({ files: verdicts, problems }, undefined, 2)}\n`);
    return problems.length === 0 ? EXIT.ok : EXIT.problems;
  }
  if (problems.length > 0) throw new ProblemsError(problems);
  io.out(files.map((file) => `${file}: ok\n`).join(''));
  return EXIT.ok;
}
