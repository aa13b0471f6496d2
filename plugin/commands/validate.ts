import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { EXIT } from '../errors/errors.ts';
import { readLifecycle } from '../lifecycle/parse.ts';
import type { Problem } from '../lifecycle/problem.ts';
import { sharedBetweenFiles } from '../lifecycle/shared-between-files.ts';
import { PlacedError, ProblemsError } from './failure.ts';
import type { Io } from './io.ts';
import { findAll, readSource } from './lifecycle-file.ts';

export interface ValidateOptions {
  readonly output: 'text' | 'json' | 'sarif';
}

/**
 * Checks files, each in itself and against the others; the problems of all of them are reported. `json`: {files: [{file, ok}], problems: […]} on stdout, whatever
 * the verdict is; `sarif` likewise, with paths from the root of the repository.
 * @returns the exit code
 */
export async function validate(io: Io, paths: readonly string[], { output }: ValidateOptions): Promise<number> {
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
  if (output === 'sarif') {
    const { sarif } = await import('./sarif.ts');
    const root = repositoryRoot(io.cwd);
    io.out(sarif(problems.map((problem) => ({ ...problem, file: relative(root, resolve(io.cwd, problem.file)) }))));
    return problems.length === 0 ? EXIT.ok : EXIT.problems;
  }
  if (problems.length > 0) throw new ProblemsError(problems);
  io.out(files.map((file) => `${file}: ok\n`).join(''));
  return EXIT.ok;
}

/** The nearest folder upwards that holds `.git`; without one, the folder itself. */
function repositoryRoot(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (at === dirname(at)) return folder;
  }
}
