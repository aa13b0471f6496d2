import type { OpenSession, Session } from './session.ts';

/** One of the two servers that are compared. */
export interface Side {
  readonly name: string;
  /** Superuser session in the maintenance database. */
  readonly session: Session;
  readonly open: OpenSession;
}

const MOST_DIFFERENCES = 20;

/** At most 20 of them, and how many more there are. */
export function mostOf(differences: readonly string[]): readonly string[] {
  const surplus = differences.length - MOST_DIFFERENCES;
  return surplus <= 0 ? differences : [...differences.slice(0, MOST_DIFFERENCES), `and ${surplus} more`];
}

/** Names that only one of two lists has. */
export function listDifferences(
  kind: string,
  from: readonly string[],
  to: readonly string[],
  source: Side,
  clone: Side,
): readonly string[] {
  const [ofSource, ofClone] = [new Set(from), new Set(to)];
  return [
    ...from.filter((name) => !ofClone.has(name)).map((name) => `${kind} ${name} is not on ${clone.name}`),
    ...to.filter((name) => !ofSource.has(name)).map((name) => `${kind} ${name} is not on ${source.name}`),
  ];
}
