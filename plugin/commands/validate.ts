import { EXIT } from '../errors/errors.ts';
import { readLifecycle } from '../lifecycle/parse.ts';
import type { Problem } from '../lifecycle/problem.ts';
import { sharedBetweenFiles } from '../lifecycle/shared-between-files.ts';
import { PlacedError, ProblemsError } from './failure.ts';
import type { Io } from './io.ts';
import { findAll, readSource } from './lifecycle-file.ts';

/**
 * Checks files, each in itself and against the others; the problems of all of them are reported. `json`: {files: [{file, ok}], problems: […]} on stdout, whatever
 * the verdict is.
 * @returns the exit code
 */
export function validate(io: Io, paths: readonly string[], { output }: { readonly output: 'text' | 'json' }): number {
  const files = findAll(paths);
  if (files.length === 0) throw new PlacedError(paths.join(', '), 'no-lifecycle-file', 'there is none at or below');
  const results = files.map((file) => ({ file, ...readLifecycle(readSource(file), file) }));
  const shared = sharedBetweenFiles(results.filter((each) => each.ok));
  const problems: readonly Problem[] = [...results.flatMap((each) => (each.ok ? [] : each.problems)), ...shared];
  if (output === 'json') {
    const verdicts = files.map((file) => ({ file, ok: problems.every((problem) => problem.file !== file) }));
    io.out(`${JSON.stringify({ files: verdicts, problems }, undefined, 2)}\n`);
    return problems.length === 0 ? EXIT.ok : EXIT.problems;
  }
  if (problems.length > 0) throw new ProblemsError(problems);
  io.out(files.map((file) => `${file}: ok\n`).join(''));
  return EXIT.ok;
}
