import type { Branch, Claim, Claims, Valid, ValidEntry } from './entry.ts';

export function claimsOf(cluster: string, { facts, namespace }: Pick<Valid, 'facts' | 'namespace'>): readonly Claim[] {
  const places = facts.places.map((place) => `place ${place}`);
  return [...new Set([`name ${cluster} ${namespace}/${facts.name}`, ...places])];
}

export function claimsIn(cluster: string, entries: readonly ValidEntry[]): Claims {
  return changedClaims(new Map(), cluster, [], entries);
}

export function changedClaims(
  before: Claims,
  cluster: string,
  gone: readonly ValidEntry[],
  come: readonly ValidEntry[],
): Claims {
  const claims = new Map(before);
  for (const entry of gone)
    for (const claim of claimsOf(cluster, entry)) {
      const left = claims.get(claim)?.filter((each) => each !== entry) ?? [];
      if (left.length === 0) claims.delete(claim);
      else claims.set(claim, left);
    }
  for (const entry of come)
    for (const claim of claimsOf(cluster, entry)) claims.set(claim, [...(claims.get(claim) ?? []), entry]);
  return claims;
}

/** A file of a branch of a repository. */
export interface Holder {
  readonly branch: Branch;
  readonly entry: ValidEntry;
}

/** One thing that several files claim. */
export interface Clash {
  readonly claim: Claim;
  /** Of the branch that is asked for, and of others. */
  readonly holders: readonly Holder[];
}

/**
 * What files of the branch claim that another file claims too, of this branch or of a branch of another repository. Other branches of the same
 * repository are no others: they are the same files at another time.
 */
export function clashesOf(asked: Branch, others: readonly Branch[]): readonly Clash[] {
  const elsewhere = others.filter(({ repository }) => repository.url !== asked.repository.url);
  const made = new Map<ValidEntry, Holder>();
  const holderOf = (branch: Branch, entry: ValidEntry): Holder => {
    const holder = made.get(entry) ?? { branch, entry };
    made.set(entry, holder);
    return holder;
  };
  const clashes: Clash[] = [];
  for (const [claim, own] of asked.claims) {
    if (own.length < 2 && !elsewhere.some(({ claims }) => claims.has(claim))) continue;
    const sharing = elsewhere.filter(({ claims }) => claims.has(claim));
    const holders = [asked, ...sharing].flatMap((branch) =>
      (branch.claims.get(claim) ?? []).map((entry) => holderOf(branch, entry)),
    );
    clashes.push({ claim, holders });
  }
  return clashes;
}
