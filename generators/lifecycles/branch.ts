import { LifecycleError } from '../../plugin/errors/errors.ts';
import type { Limits, RepositoryConfig } from '../config/schema.ts';
import { chainOf } from '../repositories/log.ts';
import type { ReadGit } from '../repositories/git.ts';
import type { Mirror } from '../repositories/mirror.ts';
import { isRegular, readTree, readTreeFrom, type Tree } from '../repositories/tree.ts';
import type { Contents } from './contents.ts';
import { entriesAfter, entriesOf } from './entries.ts';
import type { Branch, Entry, Valid } from './entry.ts';
import { fileIn, folderOf, foldersMatching, YAML, YML } from './folders.ts';
import { inOrder } from './in-order.ts';
import { lastValid } from './last-valid.ts';
import { namespaceOf } from './namespace.ts';
import { textOfWrong, wrong, type Reading, type Wrong } from './reading.ts';

export interface BranchReader {
  readonly mirror: Mirror;
  readonly contents: Contents;
  readonly limits: Limits;
}

/** How many commits the newest states of a branch are looked for in. */
export const NEWEST_COMMITS = 20;
/** Histories that are followed at the same time. */
const AT_ONCE = 4;

/** @param before the same branch at an earlier commit: what did not change since is not looked at again */
export async function readBranch(
  { mirror, contents, limits }: BranchReader,
  branch: string,
  head: string,
  before: Branch | undefined,
  signal: AbortSignal,
): Promise<Branch> {
  const { repository } = mirror;
  return await mirror.read(`${branch} at ${head.slice(0, 12)}`, signal, async (run) => {
    const { tree, folders, basis } = await changesSince(run, head, before);
    const allowed = foldersMatching(repository.paths);
    const found = folders.filter(allowed).flatMap((folder) => filesAt(tree, folder) ?? []);
    checkCount(repository, found.length, limits);
    const blobs = found.flatMap(({ blob }) => blob ?? []);
    const readings = await contents.readingsOf(run, blobs);
    const looking = { run, repository, head, contents, readings };
    const read = await inOrder(found, AT_ONCE, (files) => entryOf(files, looking));
    const entries = basis ? entriesAfter(basis, folders, read) : entriesOf(repository.cluster, read);
    checkCount(repository, entries.entries.length, limits);
    return { repository, branch, head, tree, ...entries };
  });
}

function checkCount({ url }: RepositoryConfig, count: number, { files }: Limits): void {
  if (count <= files) return;
  throw new LifecycleError('generator-over-limits', `${url}: ${count} lifecycle files, limits.files is ${files}`);
}

interface Changes {
  readonly tree: Tree;
  /** That are to be looked at. */
  readonly folders: readonly string[];
  /** What holds for all others. */
  readonly basis?: Branch;
}

async function changesSince(run: ReadGit, head: string, before: Branch | undefined): Promise<Changes> {
  const since = before && (await readTreeFrom(run, before.tree, before.head, head).catch(() => undefined));
  if (!before || !since) {
    const tree = await readTree(run, head);
    return { tree, folders: [...new Set([...tree.keys()].map(folderOf))] };
  }
  const problems = before.entries.filter(({ problem }) => problem !== '').map(({ folder }) => folder);
  const again = problems.length > 0 && !(await isBehind(run, before.head, head)) ? problems : [];
  return { tree: since.tree, folders: [...new Set([...since.changed.map(folderOf), ...again])], basis: before };
}

/** A file that stayed as it is has the same newest valid version, where the history that it was looked for in is behind the new head. */
async function isBehind(run: ReadGit, commit: string, head: string): Promise<boolean> {
  return (await chainOf(run, head, NEWEST_COMMITS + 1)).some((link) => link.commit === commit);
}

/** What a folder has of lifecycle files. */
interface Files {
  readonly folder: string;
  readonly path: string;
  /** Absent where it cannot be a lifecycle file. */
  readonly blob: string | undefined;
  readonly wrong: { readonly ok: false; readonly wrong: Wrong } | undefined;
}

/** Names that cannot be shown, or are no UTF-8. */
const UNSHOWN = /[\p{Cc}\uFFFD]/u;

function filesAt(tree: Tree, folder: string): Files | undefined {
  const path = fileIn(folder, YAML);
  const [yaml, yml] = [tree.get(path), tree.get(fileIn(folder, YML))];
  if (!yaml && !yml) return undefined;
  const problem = UNSHOWN.test(folder)
    ? wrong('wrong-value', 'the name of its folder holds control characters, or is no UTF-8')
    : yml
      ? wrong(yaml ? 'several-lifecycle-files' : 'no-lifecycle-file', `the file is to be called ${YAML}, not ${YML}`)
      : yaml && !isRegular(yaml)
        ? wrong('generator-file-link', 'a symbolic link, or a submodule')
        : undefined;
  return { folder, path, blob: problem ? undefined : yaml?.blob, wrong: problem };
}

interface Looking {
  readonly run: ReadGit;
  readonly repository: RepositoryConfig;
  readonly head: string;
  readonly contents: Contents;
  readonly readings: ReadonlyMap<string, Reading>;
}

/** A promise only where history has to be asked. */
function entryOf({ folder, path, blob, wrong: known }: Files, looking: Looking): Entry | Promise<Entry> {
  const reading = known ?? looking.readings.get(blob ?? '');
  if (reading === undefined) throw new Error(`${path} was not read`);
  const valid = validOf(reading, blob, folder, looking.repository);
  if (valid.ok) return { folder, path, problem: '', ...valid.valid };
  const problem = textOfWrong(path, valid.wrong);
  if (UNSHOWN.test(folder)) return { folder, path, problem };
  return lastValid({ ...looking, folder }, () => true).then((last) => ({ folder, path, problem, ...last }));
}

type Validity = { readonly ok: true; readonly valid: Valid } | { readonly ok: false; readonly wrong: Wrong };

function validOf(reading: Reading, blob: string | undefined, folder: string, repository: RepositoryConfig): Validity {
  if (!reading.ok) return reading;
  const { facts } = reading;
  const namespace = namespaceOf(repository.namespace, folder, facts.name);
  if (namespace !== undefined && blob !== undefined) return { ok: true, valid: { facts, namespace, blob } };
  return wrong('generator-namespace-invalid', `${repository.namespace} gives no name of a namespace`);
}
