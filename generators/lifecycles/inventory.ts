import { LifecycleError } from '../../plugin/errors/errors.ts';
import type { Config, RepositoryConfig } from '../config/schema.ts';
import type { ParameterSet } from '../parameter-set.ts';
import type { Approvals, Asked, Inventory, ReviewedTrees } from '../ports.ts';
import type { ReadSecret } from '../repositories/credentials.ts';
import { createMirror, type Mirror } from '../repositories/mirror.ts';
import { reviewedTrees } from '../repositories/reviewed-trees.ts';
import { createAskApproval } from './ask-approval.ts';
import { readBranch } from './branch.ts';
import { createContents } from './contents.ts';
import { isValid, type Branch, type Entry, type ValidEntry } from './entry.ts';
import { foldersMatching } from './folders.ts';
import { inOrder } from './in-order.ts';
import { NOT_NEEDED, parametersOf } from './parameters.ts';
import { createRecent, type Recent } from './recent.ts';
import { settle } from './settle.ts';
import { checkShrink } from './shrink.ts';
import { createStanding } from './standing.ts';
import { createSteps } from './steps.ts';
import { unlessAborted } from './unless-aborted.ts';
import { viewOf, type Seen } from './view.ts';

export interface InventoryOptions {
  readonly config: Config;
  /** Without them a request is never given, and says why. */
  readonly approvals: Pick<Approvals, 'approvalOf'> | undefined;
  readonly clock: () => Date;
  /** Where mirrors are kept: of this process alone, empty or as an earlier one has left it. */
  readonly folder: string;
  readonly readSecret: ReadSecret;
  /** The process's own; git is passed the way out and nothing else of it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: { readonly warn: (fields: object, message: string) => void };
}

/** The inventory, and its end. */
export interface RunningInventory extends Inventory {
  /** Of the same mirrors. */
  readonly trees: ReviewedTrees;
  /** Ends what git runs. */
  readonly close: () => Promise<void>;
}

/** Every entry of a branch, with what the other repositories have. */
interface Settled {
  readonly branch: Branch;
  readonly others: readonly Branch[];
  /** Repositories of which nothing is known: what they have was not compared. */
  readonly unknown: readonly string[];
  readonly entries: readonly Entry[];
}

/** What is answered, but for approvals and values. */
interface Chosen {
  readonly settled: Settled;
  readonly entries: readonly ValidEntry[];
  /** Of each entry that nobody has to approve, by values. */
  readonly made: Recent<string, readonly (ParameterSet | undefined)[]>;
}

const APPROVALS_AT_ONCE = 8;
/** Different questions to one branch, whose answers are remembered. */
const MAX_QUESTIONS = 64;
/** Different values with one question. */
const MAX_VALUES = 4;
/** Requests whose approval the page shows. */
const MAX_SEEN = 10_000;

export function createInventory(options: InventoryOptions): RunningInventory {
  const { config, clock, folder, readSecret, environment, log } = options;
  const { limits } = config;
  const mirrors = new Map(
    config.repositories.map((repository) => [
      repository.url,
      createMirror({ repository, limits, folder, clock, readSecret, environment }),
    ]),
  );
  const contents = createContents(2 * limits.files * config.repositories.length);
  const stepsOf = createSteps(1000);
  const askApproval = createAskApproval(options.approvals);

  const branches = new Map<string, Branch>();
  const reading = new Map<string, Promise<Branch>>();
  const settling = new Map<string, Promise<Settled>>();
  const settledAt = new Map<string, Settled>();
  const chosen = createRecent<string, Chosen>(MAX_QUESTIONS * mirrors.size);
  const answered = createRecent<string, { head: string; folders: ReadonlySet<string> }>(MAX_QUESTIONS * mirrors.size);
  const standing = createStanding();
  const told = new Map<string, unknown>();
  const seen: Seen = { settled: settledAt, approvals: createRecent(MAX_SEEN) };

  const mirrorOf = ({ repository }: Branch): Mirror => mirrorAt(repository.url);
  function mirrorAt(url: string): Mirror {
    const mirror = mirrors.get(url);
    if (!mirror) throw new LifecycleError('generator-not-allowed', `${url} is none of repositories[]`);
    return mirror;
  }

  /** One reading for all who ask for it, with its own time: who leaves does not end it. */
  async function branchAt(mirror: Mirror, branch: string, head: string): Promise<Branch> {
    const key = keyOf(mirror.repository, branch);
    const known = branches.get(key);
    if (known?.head === head) return known;
    return await once(reading, `${key} ${head}`, async () => {
      const made = await readBranch({ mirror, contents, limits }, branch, head, branches.get(key), ownTime());
      branches.set(key, made);
      return made;
    });
  }

  const ownTime = (): AbortSignal => AbortSignal.timeout(2 * limits.requestSeconds * 1000);

  async function headOf(mirror: Mirror, branch: string, signal: AbortSignal): Promise<string> {
    const { heads } = await mirror.current(signal);
    tell(mirror);
    const head = heads.get(branch);
    if (head !== undefined) return head;
    throw new LifecycleError('generator-revision-gone', `${mirror.repository.url} has no branch ${branch}`);
  }

  function tell({ repository, failure }: Mirror): void {
    const error = failure();
    if (told.get(repository.url) === error) return;
    told.set(repository.url, error);
    if (error) log.warn({ repository: repository.url, code: error.code }, error.message);
  }

  /**
   * Every branch of the other repositories, as it is known: what is known is not waited for, only made newer behind the answer. What is not
   * known is waited for once, and left out where it cannot be had.
   */
  async function othersOf(asked: RepositoryConfig, signal: AbortSignal): Promise<Pick<Settled, 'others' | 'unknown'>> {
    const unknown: string[] = [];
    const others = await inOrder(
      [...mirrors.values()].filter(({ repository }) => repository.url !== asked.url),
      mirrors.size,
      async (mirror) => {
        const newer = mirror.current(AbortSignal.any([signal, AbortSignal.timeout(limits.requestSeconds * 500)]));
        const snapshot = mirror.known() ?? (mirror.failure() ? undefined : await newer.catch(() => undefined));
        newer
          .catch(() => undefined)
          .finally(() => {
            tell(mirror);
          });
        if (!snapshot) {
          unknown.push(mirror.repository.url);
          return [];
        }
        return await Promise.all([...snapshot.heads].map(([branch, head]) => branchAt(mirror, branch, head))).catch(
          () => {
            unknown.push(mirror.repository.url);
            return [];
          },
        );
      },
    );
    return { others: others.flat(), unknown: unknown.sort() };
  }

  async function settledOf(mirror: Mirror, asked: string, head: string, signal: AbortSignal): Promise<Settled> {
    const [branch, { others, unknown }] = await Promise.all([
      branchAt(mirror, asked, head),
      othersOf(mirror.repository, signal),
    ]);
    const key = keyOf(mirror.repository, asked);
    const known = settledAt.get(key);
    if (known && known.branch === branch && same(known.others, others) && same(known.unknown, unknown)) return known;
    const state = [branch, ...others].map(({ repository, head: at }) => `${repository.url} ${at}`).join(' ');
    return await once(settling, `${key} ${state} ${unknown.join(' ')}`, async () => {
      const entries = await settle(branch, others, { mirrorOf, contents, signal: ownTime(), stood: standing.of });
      const settled = { branch, others, unknown, entries };
      settledAt.set(key, settled);
      standing.keep(branch, entries.filter(isValid), unknown.length === 0);
      return settled;
    });
  }

  /** What is asked for, where no more than may went away. */
  async function chosenOf(mirror: Mirror, asked: Asked, signal: AbortSignal): Promise<Chosen> {
    const { repository } = mirror;
    const key = `${keyOf(repository, asked.revision)} ${JSON.stringify(asked.paths)}`;
    const head = await headOf(mirror, asked.revision, signal);
    const known = chosen.get(key);
    const isNew = known?.settled.branch.head !== head;
    const [settled, steps] = await Promise.all([
      settledOf(mirror, asked.revision, head, signal),
      isNew ? stepsOf(mirror, head, signal) : undefined,
    ]);
    if (known?.settled === settled) return known;
    const matches = asked.paths.length === 0 ? () => true : foldersMatching(asked.paths);
    const here = settled.entries.filter((entry) => matches(entry.folder));
    const entries = here.filter(isValid);
    const standing = new Set(entries.map((entry) => entry.folder));
    const allowed = foldersMatching(repository.paths);
    checkShrink({
      where: `${repository.url} ${asked.revision}`,
      present: here.length === entries.length ? standing : new Set(here.map((entry) => entry.folder)),
      standing,
      asked: (each) => allowed(each) && matches(each),
      steps: steps ?? (await stepsOf(mirror, head, signal)),
      answered: answered.get(key),
      head,
      percent: limits.shrinkPercent,
    });
    const made = { settled, entries, made: createRecent<string, readonly (ParameterSet | undefined)[]>(MAX_VALUES) };
    chosen.set(key, made);
    answered.set(key, { head, folders: standing });
    return made;
  }

  /** What is the same at every call. */
  function madeOf(
    { entries, made }: Chosen,
    repository: RepositoryConfig,
    asked: Asked,
  ): readonly (ParameterSet | undefined)[] {
    const key = JSON.stringify(asked.values);
    const known = made.get(key);
    if (known) return known;
    const sets = entries.map((entry) =>
      entry.facts.asks ? undefined : parametersOf(entry, repository, asked.revision, NOT_NEEDED, asked.values),
    );
    made.set(key, sets);
    return sets;
  }

  async function answer(asked: Asked, signal: AbortSignal): Promise<readonly ParameterSet[]> {
    const mirror = mirrorAt(asked.repoURL);
    const { repository } = mirror;
    if (!repository.revisions.includes(asked.revision))
      throw new LifecycleError(
        'generator-not-allowed',
        `${repository.url}: ${asked.revision} is none of its revisions[]`,
      );
    const found = await healed(() => chosenOf(mirror, asked, signal));
    const sets = [...madeOf(found, repository, asked)];
    const requests = found.entries.flatMap((entry, index) => (entry.facts.asks ? [{ entry, index }] : []));
    await inOrder(requests, APPROVALS_AT_ONCE, async ({ entry, index }) => {
      const given = await askApproval(mirror, found.settled.branch, entry, signal);
      const request = entry.facts.restore.request;
      seen.approvals.set(`${keyOf(repository, asked.revision)} ${entry.folder}`, { digest: request, given });
      sets[index] = parametersOf(entry, repository, asked.revision, given, asked.values);
    });
    return sets.filter((set) => set !== undefined);
  }

  return {
    parameters: (asked, signal) => unlessAborted(answer(asked, signal), signal, asked.repoURL),
    pushed: ({ url }) => {
      mirrors.get(url)?.pushed();
    },
    view: () => [...mirrors.values()].map((mirror) => viewOf(mirror, seen)),
    trees: reviewedTrees(({ url }) => mirrorAt(url)),
    close: async () => {
      await Promise.all([...mirrors.values()].map((mirror) => mirror.close()));
    },
  };
}

const keyOf = ({ url }: RepositoryConfig, branch: string): string => `${url} ${branch}`;

/** A mirror that turned out to be damaged is whole again when this fails: once more, then. */
async function healed<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof LifecycleError) || error.code !== 'generator-repository-unreadable') throw error;
    return await action();
  }
}

const same = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((each, index) => each === b[index]);

function once<T>(running: Map<string, Promise<T>>, key: string, action: () => Promise<T>): Promise<T> {
  const known = running.get(key);
  if (known) return known;
  const mine = action().finally(() => running.delete(key));
  running.set(key, mine);
  return mine;
}
