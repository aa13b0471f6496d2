import { servesBy } from '../ledger/serves-by.ts';
import { ANNOTATION } from '../../plan/labels.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import type { LedgerView } from '../ports/ports.ts';
import { refuse } from '../ports/step.ts';

/** What the ledger alone rules out, and no waiting changes. */
export function refuseFromLedger({ status, annotations }: LedgerView, request: StepRequest): void {
  const ended = [status.decision, ...(status.history ?? [])].find(
    (each) => each?.digest === request.digest && each.state === 'Aborted',
  );
  if (ended) refuse('attempt-aborted', `attempt ${request.attempt}: ${ended.reason ?? 'no reason is on record'}`);
  const blue = request.blue.name;
  const serving = servesBy(status) ?? annotations[ANNOTATION.adopt];
  if (serving === undefined) {
    refuse('ledger-empty', `nothing on record says that ${blue} serves, or that anything does`);
  }
  if (serving !== blue) refuse('not-serving', `the plan starts from ${blue}, but ${serving} serves`);
}
