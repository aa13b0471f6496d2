import type { Status } from '../../lifecycle/status.ts';
import { isComplete } from '../ledger/decision.ts';
import { scaleApplication, waitForEndpoints } from '../application/scale-application.ts';
import { recordServing } from '../ledger/serving.ts';
import { refuse, type RunStep } from '../ports/step.ts';
import { requireFittingVersion } from '../restore/require-fitting-version.ts';
import { downBy, leftPaused, withSettledRestores } from '../restore/restore-records.ts';

/** At rest: the application stands at its size, clients reach it and nothing else, and the ledger says that it serves. */
export const confirmAtRest: RunStep = async (context) => {
  const { clock, ledger, request } = context;
  const { blue, traffic } = request;
  const refuseOther = async (): Promise<void> => {
    const { status } = await ledger.read();
    requireServing(status, blue.name);
    requireFittingVersion(status, request);
  };
  const replicas = await scaleApplication(context, blue, { holds: refuseOther });
  await waitForEndpoints(context, traffic.service, blue, replicas);
  await recordServing(context, blue);
  await ledger.update(({ status }) => withSettledRestores(status, blue.name, clock.now()));
  await ledger.update(({ status }) => (status.phase === 'AtRest' ? undefined : { ...status, phase: 'AtRest' }));
  return { serving: blue.name, version: blue.version, replicas };
};

/** A file at rest beside a window, or about an instance from which the traffic was switched away, is not confirmed. */
function requireServing(status: Status, blue: string): void {
  const { decision, serving } = status;
  if (decision && !isComplete(decision)) {
    refuse('other-plan-open', `plan ${decision.digest} is ${decision.state} and not complete`);
  }
  const left = leftPaused(status, blue) ?? downBy(status, blue);
  if (left && left.state !== 'Failed') {
    refuse(
      'other-plan-open',
      `restore ${left.id} is ${left.state}; put it back into the file, and sync until it is over`,
    );
  }
  const serves = decision?.state === 'Committed' ? decision.green : serving?.instance;
  if (serves !== undefined && serves !== blue) refuse('not-serving', `the file says ${blue}, but ${serves} serves`);
}
