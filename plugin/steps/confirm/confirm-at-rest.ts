import { servesBy } from '../ledger/serves-by.ts';
import type { Status } from '../../lifecycle/status.ts';
import { isComplete } from '../ledger/decision.ts';
import { scaleApplication, waitForEndpoints } from '../application/scale-application.ts';
import { recordServing } from '../ledger/serving.ts';
import { refuse, type RunStep } from '../ports/step.ts';
import { requireFittingVersion } from '../restore/require-fitting-version.ts';
import { requireNoRestore } from '../restore/open-restores.ts';
import { withSettledRestores } from '../restore/settled-restores.ts';

/** At rest: the application stands at its size, clients reach it and nothing else, and the ledger says that it serves. */
export const confirmAtRest: RunStep = async (context) => {
  const { clock, ledger, request } = context;
  const { blue, traffic } = request;
  const refuseOther = async (): Promise<void> => {
    const view = await ledger.read();
    requireNoRestore(view, blue.name);
    requireServing(view.status, blue.name);
    requireFittingVersion(view, request);
  };
  const replicas = await scaleApplication(context, blue, { holds: refuseOther });
  await waitForEndpoints(context, traffic.service, blue, replicas);
  await recordServing(context, blue);
  await ledger.update((view) => {
    const settled = withSettledRestores(view, blue.name, clock.now());
    const isSaid = settled === undefined && view.status.phase === 'AtRest';
    return isSaid ? undefined : { ...(settled ?? view.status), phase: 'AtRest' };
  });
  return { serving: blue.name, version: blue.version, replicas };
};

/** A file at rest beside a window, or about an instance from which the traffic was switched away, is not confirmed. */
function requireServing(status: Status, blue: string): void {
  const { decision } = status;
  if (decision && !isComplete(decision)) {
    refuse('other-plan-open', `plan ${decision.digest} is ${decision.state} and not complete`);
  }
  const serves = servesBy(status);
  if (serves !== undefined && serves !== blue) refuse('not-serving', `the file says ${blue}, but ${serves} serves`);
}
