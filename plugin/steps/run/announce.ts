import { eventsOf } from '../ledger/events.ts';
import type { Ledger, LedgerEvent } from '../ports/ports.ts';
import type { Status } from '../../lifecycle/status.ts';

export type Announce = (uid: string, event: LedgerEvent) => Promise<void>;

/** The last thing that a step does is to wait for them; a window never does. */
const SETTLE_MILLISECONDS = 2000;

/**
 * A ledger whose changes are told as Events. The record is what counts: they are made behind its back, one after the other, and one that the
 * API server does not take is lost.
 */
export function announcingLedger(
  ledger: Ledger,
  announce: Announce,
  lost: (reason: string) => void,
): { readonly ledger: Ledger; readonly settled: () => Promise<void> } {
  let onTheirWay: Promise<void> = Promise.resolve();
  let over = false;
  const tell = async (uid: string, event: LedgerEvent): Promise<void> => {
    try {
      if (over) throw new Error('the step has ended');
      await announce(uid, event);
    } catch {
      lost(event.reason);
    }
  };
  return {
    ledger: {
      read: () => ledger.read(),
      update: async (change) => {
        let before: Status = {};
        const result = await ledger.update((view) => {
          before = view.status;
          return change(view);
        });
        if (result.written) {
          const { uid, status } = result.view;
          for (const event of eventsOf(before, status)) onTheirWay = onTheirWay.then(() => tell(uid, event));
        }
        return result;
      },
    },
    settled: async () => {
      const patience = new Promise<void>((done) => setTimeout(done, SETTLE_MILLISECONDS).unref());
      await Promise.race([onTheirWay, patience]);
      over = true;
    },
  };
}
