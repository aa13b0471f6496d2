import type { Observed } from '../core/observed.ts';

/** What the controller remembers of one cluster between two passes; a restart of it may forget all of this. */
export interface Memory {
  /** Outcomes that the next decision is to hear of, once. */
  stanzas: Observed['stanzas'];
  usersApplied: string | undefined;
  /** Milliseconds since the epoch at which the leader was first seen to be away. */
  leaderAwaySince: number | undefined;
  /** The generation whose data source was not found, and when: the operator looks again only after an hour. */
  sourceMissing: { readonly generation: number; readonly at: number } | undefined;
  /** Digests of what was applied, by kind and name, since the last full resync. */
  readonly applied: Map<string, string>;
  appliedSince: number;
  /** When each warning was last written as an Event. */
  readonly warned: Map<string, number>;
}

export function newMemory(): Memory {
  return {
    stanzas: {},
    usersApplied: undefined,
    leaderAwaySince: undefined,
    sourceMissing: undefined,
    applied: new Map(),
    appliedSince: 0,
    warned: new Map(),
  };
}
