import type { AcknowledgedWrites } from './acknowledged.ts';
import type { Statistics } from './statistics.ts';

/** What every client of the load works with. */
export interface ClientContext {
  readonly writes: AcknowledgedWrites;
  readonly statistics: Statistics;
  readonly stopped: () => boolean;
  readonly now: () => number;
  /** Waits after an answer. */
  readonly pause: () => Promise<unknown>;
}
