import type { Status } from '../../lifecycle/status.ts';

/** The instance that serves by the ledger: what was committed does, also when nobody came to record it. */
export const servesBy = ({ decision, serving }: Pick<Status, 'decision' | 'serving'>): string | undefined =>
  decision?.state === 'Committed' ? decision.green : serving?.instance;
