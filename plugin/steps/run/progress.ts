import { isAborted } from '../ledger/decision.ts';
import type { Clock, Ledger, Progress } from '../ports/ports.ts';

const MESSAGE_MILLISECONDS = 2000;

export interface ProgressOptions {
  readonly clock: Clock;
  readonly ledger: Ledger;
  /** What the lines are about: the step's name. */
  readonly step: string;
  /** The plan's. */
  readonly digest: string;
  readonly print: (line: string) => void;
}

/** Every line goes to the Job's log; at most one in two seconds to `status.message`, where people look. */
export function createProgress({ clock, ledger, step, digest, print }: ProgressOptions): Progress & {
  /** Resolves when no message is on its way to the ledger any more. */
  settled(): Promise<void>;
} {
  let lastWritten = 0;
  let onItsWay: Promise<unknown> | undefined;
  const write = async (message: string): Promise<void> => {
    try {
      await ledger.update(({ status }) =>
        status.message === message || isAborted(status, digest) ? undefined : { ...status, message },
      );
    } catch {
      // Progress is for people: a step that cannot tell how far it is goes on all the same.
    } finally {
      onItsWay = undefined;
    }
  };
  return {
    report: (message) => {
      const now = clock.now();
      print(`${now.toISOString()} ${step}: ${message}`);
      if (onItsWay !== undefined || now.getTime() - lastWritten < MESSAGE_MILLISECONDS) return;
      lastWritten = now.getTime();
      onItsWay = write(`${step}: ${message}`);
    },
    settled: async () => {
      await onItsWay;
    },
  };
}
