import { ERRORS } from '../errors/errors.ts';
import { textOf } from '../errors/text-of.ts';
import type { Problem, ProblemCode } from '../lifecycle/problem.ts';
import { InvariantError } from '../render/check.ts';
import { isFixed, isReplaceable, REPLACEABLE } from '../render/template-names.ts';
import { lineOfError } from '../render/template-line.ts';
import { isMisnamed, nameOfTemplate } from './paths.ts';
import type { Tree } from './changed-files.ts';

/** What is wrong besides what a lifecycle file says: its name, its size, its templates, what it is rendered to. */

const problem = (code: ProblemCode, file: string, detail: string, line = 1): Problem => ({
  code,
  file,
  line,
  column: 1,
  path: '',
  detail,
  remedy: ERRORS[code].remedy,
});

export const tooLarge = (file: string, bytes: number): Problem =>
  problem('file-too-large', file, `it has ${bytes} bytes`);

/** Files that somebody may take for lifecycle files, and that are new or changed. */
export const misnamedProblems = (base: Tree, head: Tree): readonly Problem[] =>
  [...head]
    .filter(([path, { id }]) => isMisnamed(path) && base.get(path)?.id !== id)
    .map(([path]) => {
      const code = head.has(path.replace(/yml$/, 'yaml')) ? 'several-lifecycle-files' : 'no-lifecycle-file';
      return problem(code, path, 'the file is to be called lifecycle.yaml');
    });

/** Nobody's template is as long; each is only read, not run. */
export const MOST_TEMPLATE_BYTES = 256 * 1024;

/** @param source undefined where it is too large to be read */
export async function templateProblems(path: string, source: Uint8Array | undefined): Promise<readonly Problem[]> {
  const name = nameOfTemplate(path);
  if (isFixed(name)) return [problem('template-fixed', path, `${name} is what runs the plan`)];
  if (!isReplaceable(name))
    return [problem('template-unknown', path, `those that can be replaced are ${REPLACEABLE.join(', ')}`)];
  if (source === undefined)
    return [problem('template-invalid', path, `it is larger than ${MOST_TEMPLATE_BYTES / 1024} KiB`)];
  // The compiler is loaded only where there is something to compile.
  const { compileTemplate } = await import('../render/compile-template.ts');
  try {
    compileTemplate(new TextDecoder().decode(source));
    return [];
  } catch (error) {
    const { line, text } = lineOfError(textOf(error));
    return [problem('template-invalid', path, text, line)];
  }
}

/** What the renderer refuses: a patch that breaks an invariant, or that leaves no object. */
export function renderProblems(file: string, error: unknown): readonly Problem[] {
  if (!(error instanceof InvariantError)) return [problem('invariant-broken', file, lineOfError(textOf(error)).text)];
  const violations = error.violations.map(({ invariant, object, problem: text }) => `${object} ${text} (${invariant})`);
  return [problem('invariant-broken', file, violations.join('; '))];
}
