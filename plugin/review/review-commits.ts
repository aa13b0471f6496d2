import { LifecycleError } from '../errors/errors.ts';
import type { Problem } from '../lifecycle/problem.ts';
import { sharedBetweenFiles, type ReadFile } from '../lifecycle/shared-between-files.ts';
import { byText, changedFiles, type ChangedFile, type Tree } from './changed-files.ts';
import { filesOf, readable, type CommitReader, type Files } from './commit-reader.ts';
import { misnamedProblems, templateProblems } from './file-problems.ts';
import { isBelow, isLifecycleFile, isReviewed } from './paths.ts';
import type { Commits, Review } from './review.ts';
import { reviewFile, type Looking } from './review-file.ts';
import { mayShare } from './shared-with-others.ts';

export interface ReviewOptions extends Looking {
  /** A folder of the repository: what is not at or below it is only looked at for what it shares. Default `.`. */
  readonly within?: string;
  /** Waited for between files: a server answers others meanwhile. */
  readonly pause?: () => Promise<void>;
}

/** Nobody reads more; a change of a thousand files is to be looked at folder by folder. */
const MOST_FILES = 40;
/** Of what is read at once: beyond it a change is no review any more, and no small process could hold it. */
const MOST_PATHS = 2000;
const MOST_BYTES = 64 * 1024 * 1024;
/** Of files that are not changed themselves: beyond it the generator still finds what they share. */
const MOST_OTHERS = 500;

/** What changes from one commit to another. The same trees give the same review, wherever they are read from. */
export async function reviewCommits(reader: CommitReader, commits: Commits, options: ReviewOptions): Promise<Review> {
  const { within = '.', pause = () => Promise.resolve() } = options;
  const trees = {
    base: await reader.tree(commits.base, isReviewed),
    head: await reader.tree(commits.head, isReviewed),
  };
  const contents = new Map<string, Uint8Array>();
  const load = async (ids: readonly string[]): Promise<void> => {
    const missing = [...new Set(ids)].filter((id) => !contents.has(id));
    for (const [id, content] of missing.length === 0 ? [] : await reader.blobs(missing)) contents.set(id, content);
  };
  const paths = [...new Set([...trees.base.keys(), ...trees.head.keys()])];
  const differing = paths.filter((path) => trees.base.get(path)?.id !== trees.head.get(path)?.id);
  refuseTooMuch(differing, trees);
  await load([...readable(trees.base, differing), ...readable(trees.head, differing)]);
  const [base, head] = [filesOf(trees.base, contents), filesOf(trees.head, contents)];
  for (const path of differing.filter(isLifecycleFile)) {
    await pause();
    for (const files of [base, head]) files.lifecycle(path);
  }
  const changed = changedFiles(trees.base, trees.head, { base: nameIn(base), head: nameIn(head) }).filter(
    ({ path, from }) => isBelow(path, within) || (from !== undefined && isBelow(from, within)),
  );
  // Where only templates changed, the file was not read yet.
  await load(
    readable(
      trees.head,
      changed.map(({ path }) => path),
    ),
  );
  const problems = [
    ...misnamedProblems(trees.base, trees.head).filter(({ file }) => isBelow(file, within)),
    ...changed.flatMap(({ path }) => problemsIn(head, path)),
    ...(await Promise.all(changed.flatMap((each) => changedTemplates(each, head)))).flat(),
    ...sharedBetweenFiles(await thoseThatMeet(head, changed, load), (file) =>
      changed.some(({ path }) => path === file),
    ),
  ];
  const files: ReturnType<typeof reviewFile>[] = [];
  for (const each of changed) {
    await pause();
    files.push(reviewFile(each, { base, head }, files.length < MOST_FILES ? options : undefined));
  }
  return {
    commits,
    files: files.map(({ review }) => review),
    problems: inOrder([...problems, ...files.flatMap((each) => each.problems)]),
  };
}

/** @throws LifecycleError review-too-large */
function refuseTooMuch(paths: readonly string[], { base, head }: { readonly base: Tree; readonly head: Tree }): void {
  const bytes = paths.reduce((sum, path) => sum + (base.get(path)?.bytes ?? 0) + (head.get(path)?.bytes ?? 0), 0);
  if (paths.length > MOST_PATHS) throw new LifecycleError('review-too-large', `${paths.length} files changed`);
  if (bytes > MOST_BYTES) throw new LifecycleError('review-too-large', `what changed has ${bytes} bytes`);
}

function nameIn(files: Files): (path: string) => string | undefined {
  return (path) => {
    const read = files.lifecycle(path);
    return read?.ok === true ? read.lifecycle.metadata.name : undefined;
  };
}

function problemsIn(files: Files, path: string): readonly Problem[] {
  const read = files.lifecycle(path);
  return read === undefined || read.ok ? [] : read.problems;
}

const changedTemplates = ({ templates }: ChangedFile, head: Files): readonly Promise<readonly Problem[]>[] =>
  templates.flatMap(({ path, change }) => (change === 'removed' ? [] : [templateProblems(path, head.source(path))]));

const inOrder = (problems: readonly Problem[]): readonly Problem[] =>
  [...problems].sort(
    (a, b) => byText(a.file, b.file) || a.line - b.line || a.column - b.column || byText(a.code, b.code),
  );

/** The valid files that changed, and those that did not and may share something with them. */
async function thoseThatMeet(
  head: Files,
  changed: readonly ChangedFile[],
  load: (ids: readonly string[]) => Promise<void>,
): Promise<readonly ReadFile[]> {
  const own = changed.flatMap(({ path }) => validFile(head, path));
  const isCandidate = mayShare(own.map(({ lifecycle }) => lifecycle));
  if (isCandidate === undefined) return [];
  const touched = new Set(changed.map(({ path }) => path));
  const others = [...head.tree.keys()].filter((path) => isLifecycleFile(path) && !touched.has(path)).sort(byText);
  await load(readable(head.tree, asManyAsFit(head.tree, others)));
  const candidates = others.filter((path) => {
    const source = head.source(path);
    return source !== undefined && isCandidate(source);
  });
  return [...own, ...candidates.slice(0, MOST_OTHERS).flatMap((path) => validFile(head, path))];
}

/** As many as may be read at once. */
function asManyAsFit(tree: Tree, paths: readonly string[]): readonly string[] {
  let bytes = 0;
  return paths.filter((path) => (bytes += tree.get(path)?.bytes ?? 0) <= MOST_BYTES);
}

function validFile(files: Files, path: string): readonly ReadFile[] {
  const read = files.lifecycle(path);
  return read?.ok === true ? [{ file: path, ...read }] : [];
}
