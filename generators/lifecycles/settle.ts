import { LifecycleError } from '../../plugin/errors/errors.ts';
import { readBlobs } from '../repositories/blobs.ts';
import { ancestryOf, sinceOf, type Since } from '../repositories/log.ts';
import type { Mirror } from '../repositories/mirror.ts';
import { claimsOf, clashesOf, type Clash, type Holder } from './claims.ts';
import { clashText } from './clash-text.ts';
import type { Contents } from './contents.ts';
import type { Branch, Claim, Entry, Valid } from './entry.ts';
import { byText } from './folders.ts';
import { inOrder } from './in-order.ts';
import { lastValid, validVersions } from './last-valid.ts';

/** More files than these in each other's way are no mistake in a file, but one in the configuration. */
const MAX_CLASHING = 200;
const AT_ONCE = 4;

export interface Settling {
  readonly mirrorOf: (branch: Branch) => Mirror;
  readonly contents: Contents;
  readonly signal: AbortSignal;
  /** The parameters that this process gave last for a folder, where everything was compared. */
  readonly stood: (branch: Branch, folder: string) => Valid | undefined;
}

/**
 * The entries of a branch where no two files claim one thing. Who claimed it first goes on; who came later stays at its newest version that
 * claims nothing of others, and has no parameters where there is none. Both have a problem that names the other.
 */
export async function settle(asked: Branch, others: readonly Branch[], settling: Settling): Promise<readonly Entry[]> {
  const clashes = clashesOf(asked, others);
  if (clashes.length === 0) return asked.entries;
  const holders = new Set(clashes.flatMap((clash) => clash.holders));
  if (holders.size > MAX_CLASHING) throw tooMany(asked, clashes, holders.size);
  const firsts = await firstsOf(asked, clashes, settling);
  const contents = await contentsOf([...holders], settling);
  const contentOf = (holder: Holder): Uint8Array => contents.get(holder) ?? new Uint8Array();
  const changed = new Map<string, Entry>();
  const taken = new Set<Claim>();
  for (const holder of holders) {
    if (holder.branch !== asked) continue;
    const { entry } = holder;
    const mine = clashes.filter((clash) => clash.holders.includes(holder));
    const texts = mine.map((clash) => {
      const first = firsts.firstOf(clash);
      const other = holder === first ? clash.holders.find((each) => each !== holder) : first;
      const verdict = holder === first ? 'this one was first and goes on' : 'the other one was first';
      return clashText(holder, other ?? first, clash.claim.startsWith('name '), contentOf, verdict);
    });
    const problem = [entry.problem, ...new Set(texts)].filter((text) => text !== '').join('; ');
    if (mine.every((clash) => firsts.firstOf(clash) === holder)) {
      changed.set(entry.folder, { ...entry, problem });
      continue;
    }
    const before = await beforeClash(holder, [asked, ...others], taken, settling);
    for (const claim of before ? claimsOf(asked.repository.cluster, before) : []) taken.add(claim);
    const { folder, path } = entry;
    changed.set(folder, { folder, path, problem, ...before });
  }
  return asked.entries.map((entry) => changed.get(entry.folder) ?? entry);
}

function tooMany({ repository }: Branch, clashes: readonly Clash[], count: number): LifecycleError {
  const [one, two] = clashes[0]?.holders ?? [];
  const which = [one, two].flatMap((each) => (each ? [`${each.branch.repository.url}:${each.entry.path}`] : []));
  const detail = `${repository.url}: ${count} files claim what others claim (${which.join(', ')}); that many cannot be settled`;
  return new LifecycleError(
    'generator-over-limits',
    detail,
    'look at repositories[].namespace, and for a folder that was copied',
  );
}

/** The newest version that claims nothing that another file claims now, or that was just given to another. */
async function beforeClash(
  holder: Holder,
  all: readonly Branch[],
  taken: ReadonlySet<Claim>,
  { mirrorOf, contents, signal }: Settling,
): Promise<Valid | undefined> {
  const { branch, entry } = holder;
  const { repository, head } = branch;
  const indexes = all
    .filter((each) => each === branch || each.repository.url !== repository.url)
    .map((each) => each.claims);
  const free = (valid: Valid): boolean =>
    claimsOf(repository.cluster, valid).every(
      (claim) => !taken.has(claim) && indexes.every((index) => (index.get(claim) ?? []).every((by) => by === entry)),
    );
  return await mirrorOf(branch).read(`the history of ${entry.path}`, signal, (run) =>
    lastValid({ run, contents, repository, head, folder: entry.folder }, free),
  );
}

interface Firsts {
  readonly firstOf: (clash: Clash) => Holder;
}

/**
 * Between repositories the one that had it when this process answered last goes first: nothing that is pushed elsewhere takes it away. Then who
 * claimed it first; of two at the same time, the first by repository and path.
 */
async function firstsOf(asked: Branch, clashes: readonly Clash[], settling: Settling): Promise<Firsts> {
  const pairs = clashes.flatMap((clash) => clash.holders.map((holder) => ({ clash, holder })));
  const ancestryAt = onceEach((branch: Branch) =>
    settling
      .mirrorOf(branch)
      .read(`the history of ${branch.branch}`, settling.signal, (run) => ancestryOf(run, branch.head)),
  );
  const claimed = await inOrder(pairs, AT_ONCE, ({ clash, holder }) => claimedAt(clash.claim, holder, settling));
  const since = await inOrder(pairs, AT_ONCE, async ({ holder }, index) => {
    const commit = claimed[index];
    if (commit === undefined) return NEVER;
    try {
      return sinceOf(await ancestryAt(holder.branch), commit);
    } catch (error) {
      // A history without an end elsewhere is no reason to refuse what is asked for.
      if (holder.branch !== asked && error instanceof LifecycleError && error.code === 'generator-over-limits')
        return NEVER;
      throw error;
    }
  });
  const ranked = pairs.map((pair, index) => ({ ...pair, ...(since[index] ?? NEVER) }));
  const firsts = new Map(
    [...Map.groupBy(ranked, ({ clash }) => clash)].map(([clash, each]) => {
      const isBetween = new Set(clash.holders.map(({ branch }) => branch.repository.url)).size > 1;
      const newcomer = ({ holder }: { readonly holder: Holder }): number =>
        isBetween && !stands(clash.claim, holder, settling) ? 1 : 0;
      const [first] = each.toSorted(
        (a, b) =>
          newcomer(a) - newcomer(b) ||
          a.time - b.time ||
          byText(branchOf(a.holder), branchOf(b.holder)) ||
          a.beside - b.beside ||
          byText(a.holder.entry.folder, b.holder.entry.folder),
      );
      return [clash, first?.holder] as const;
    }),
  );
  return {
    firstOf: (clash) => {
      const first = firsts.get(clash);
      if (!first) throw new Error('a clash without holders');
      return first;
    },
  };
}

const NEVER: Since = { time: Infinity, beside: Infinity };

const branchOf = ({ branch }: Holder): string => `${branch.repository.url} ${branch.branch}`;

function stands(claim: Claim, { branch, entry }: Holder, { stood }: Settling): boolean {
  const before = stood(branch, entry.folder);
  return before !== undefined && claimsOf(branch.repository.cluster, before).includes(claim);
}

/** @returns the commit at which the file began to claim it, without a break up to now */
async function claimedAt(claim: Claim, { branch, entry }: Holder, settling: Settling): Promise<string | undefined> {
  const { repository, head } = branch;
  return await settling.mirrorOf(branch).read(`the history of ${entry.path}`, settling.signal, async (run) => {
    let oldest: string | undefined;
    const searching = { run, contents: settling.contents, repository, head, folder: entry.folder };
    for await (const valid of validVersions(searching)) {
      if (!claimsOf(repository.cluster, valid).includes(claim)) break;
      oldest = valid.commit;
    }
    return oldest;
  });
}

function onceEach<K, V>(make: (key: K) => Promise<V>): (key: K) => Promise<V> {
  const made = new Map<K, Promise<V>>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}

async function contentsOf(
  holders: readonly Holder[],
  { mirrorOf, signal }: Settling,
): Promise<ReadonlyMap<Holder, Uint8Array>> {
  const byBranch = [...Map.groupBy(holders, ({ branch }) => branch)];
  const read = await Promise.all(
    byBranch.map(async ([branch, each]) => {
      const blobs = await mirrorOf(branch).read("files in each other's way", signal, (run) =>
        readBlobs(run, [...new Set(each.map(({ entry }) => entry.blob))]),
      );
      return each.flatMap((holder) => {
        const content = blobs.get(holder.entry.blob);
        return content instanceof Uint8Array ? [[holder, content] as const] : [];
      });
    }),
  );
  return new Map(read.flat());
}
