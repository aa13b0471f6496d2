import type { Status } from './cluster.ts';
import type { Step } from './decision.ts';
import type { Observed } from './observed.ts';

type Reconcile = (observed: Observed, status: Status) => Step;

/** Runs the steps one after the other, each on the status that the one before left, until one stops. */
export function inTurn(observed: Observed, start: Status, steps: readonly Reconcile[]): Step {
  return steps.reduce<Step>(
    (sofar, step) => {
      if (sofar.stop === true) return sofar;
      const next = step(observed, sofar.status);
      return { ...next, wanted: [...sofar.wanted, ...next.wanted] };
    },
    { status: start, wanted: [] },
  );
}
