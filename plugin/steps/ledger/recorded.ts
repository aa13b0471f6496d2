import type { Status } from '../../lifecycle/status.ts';
import { isDone, recordOf, withDone, withStarted } from './step-records.ts';
import type { Evidence, StepContext } from '../ports/step.ts';

/** Runs work under a record of its own: Started before, Done with its evidence after. */
export async function recorded(
  context: StepContext,
  name: string,
  work: () => Promise<Evidence>,
  also: (status: Status) => Status = (status) => status,
): Promise<Evidence> {
  const { ledger, clock, request } = context;
  await ledger.update(({ status }) =>
    isDone(status, request.digest, name) ? undefined : withStarted(status, request.digest, name, clock.now()),
  );
  const evidence = await work();
  await ledger.update(({ status }) => also(withDone(status, request.digest, name, clock.now(), evidence)));
  return evidence;
}

/** Runs work unless its record says Done; then the evidence of that time is returned. */
export async function recordedOnce(
  context: StepContext,
  name: string,
  work: () => Promise<Evidence>,
): Promise<Evidence> {
  const { status } = await context.ledger.read();
  const record = recordOf(status, context.request.digest, name);
  return record?.state === 'Done' ? (record.evidence ?? {}) : recorded(context, name, work);
}
