import { LABEL } from '../../plan/labels.ts';
import { endRehearsalOfBlue } from '../clone/rehearsal-of-blue.ts';
import { rehearsalOf } from '../clone/rehearsal.ts';
import { refuse, type Evidence, type RunStep } from '../ports/step.ts';

/** The rehearsal: what it measured goes into the ledger, and what serves was not touched. */
export const confirmPrepare: RunStep = async (context): Promise<Evidence> => {
  const { cluster, ledger, clock, request } = context;
  const green = request.green ?? refuse('request-invalid', 'a rehearsal without an instance');
  const selector = await cluster.serviceSelector(request.traffic.service);
  const selected = selector?.[LABEL.instance];
  if (selected !== request.blue.name) {
    refuse('step-out-of-order', `Service ${request.traffic.service} selects ${selected ?? 'nothing'}`);
  }
  const clone = await cluster.postgresCluster(green.cluster);
  if (clone === undefined) return refuse('step-out-of-order', `there is no PostgresCluster ${green.cluster}`);
  await endRehearsalOfBlue(context);
  const { status } = await ledger.read();
  const before = status.rehearsal?.digest === request.digest ? status.rehearsal : undefined;
  const rehearsal = before ?? rehearsalOf(status, request, clone, clock.now());
  await ledger.update((view) => ({ ...view.status, rehearsal, phase: 'Prepared' }));
  const { expectedWindowSeconds = 0, rows } = rehearsal;
  return { expectedWindowSeconds, ...(rows !== undefined && { rows }), ...rehearsal.parts };
};
