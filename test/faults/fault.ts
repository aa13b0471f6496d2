export const STEPS = [
  'keeper',
  'verify',
  'migrate',
  'smoke',
  'commit',
  'abort',
  'preflight',
  'preflight elsewhere',
] as const;
export type StepName = (typeof STEPS)[number];
export type ServerName = 'blue' | 'green' | 'api';

/**
 * What happens at a statement. Before: it never arrives. After: it has been carried out, and its answer does not arrive.
 * Cut: the connection is closed. Dark: nothing passes any more between this step and this server, on old connections and
 * new ones, for ever; outage: for a while, and then what was under way arrives late, as TCP has it. Late: the answer only.
 * Twice: a request that something on the way sends again; the second answer is the one that arrives.
 */
export const KINDS = ['cut before', 'cut after', 'late', 'dark before', 'dark after', 'outage', 'twice'] as const;
export type Kind = (typeof KINDS)[number];

/** Where a fault strikes: at the n-th time that a step sends this statement to this server. */
export interface Point {
  readonly step: StepName;
  readonly server: ServerName;
  /** As the gate names it; one that ends with `…` stands for all that begin so. */
  readonly statement: string;
  readonly nth: number;
}

export interface Fault extends Point {
  readonly kind: Kind;
}

/** All of it, because it tells one point from another. */
export const pointOf = ({ step, server, statement, nth }: Point): string =>
  `${step} → ${server}: ${statement}${nth === 1 ? '' : ` (${nth})`}`;
