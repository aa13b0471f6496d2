import type { CloneRecord, Decision, Status } from '../../lifecycle/status.ts';
import { LABEL } from '../../plan/labels.ts';
import { nextOf } from '../../postgres/transactions.ts';
import { expectAnswer } from '../application/expect-answer.ts';
import { scaleApplication, waitForEndpoints } from '../application/scale-application.ts';
import { takeBackup } from '../backup/backup.ts';
import { cloneOf, noteClone } from '../beside/clone-records.ts';

import { restoredInstance } from '../beside/restored-instance.ts';
import { decisionOf } from '../ledger/decision.ts';
import { givenUpText } from '../../lifecycle/given-up-text.ts';
import { recordedOnce } from '../ledger/recorded.ts';
import { recordServing } from '../ledger/serving.ts';
import { DAY, PATIENCE } from './confirm-switch.ts';
import type { HttpGet } from '../ports/http.ts';
import { refuse, type Evidence, type RunStep, type StepContext } from '../ports/step.ts';
import { wantedRestore } from '../restore/wanted-restore.ts';
import { rowsGivenUp } from './rows-given-up.ts';

/** What was restored beside answers through its own Service, and clients are led to what they were led to before. */
export const createConfirmBeside =
  (get: HttpGet): RunStep =>
  async (context): Promise<Evidence> => {
    const { cluster, ledger, request } = context;
    const { service } = restoredInstance(request);
    const selected = (await cluster.serviceSelector(request.traffic.service))?.[LABEL.instance];
    if (selected !== request.blue.name) {
      refuse('step-out-of-order', `Service ${request.traffic.service} selects ${selected ?? 'nothing'}`);
    }
    await expectAnswer(context, get, service);
    const { recovery, target } = await recordOf(context);
    await ledger.update(({ status }) => ({ ...status, phase: 'Previewed' }));
    return { preview: service, target, ...(recovery.reaches !== undefined && { reaches: recovery.reaches }) };
  };

/** After a switch to it: what clients wrote since the target is on blue, and how much that is. */
export const createConfirmRestored =
  (confirmSwitch: RunStep): RunStep =>
  async (context): Promise<Evidence> => {
    const evidence = await confirmSwitch(context);
    const record = await recordOf(context);
    const { status } = await context.ledger.read();
    const decision = decisionOf(status, context.request.digest);
    const rows = await rowsGivenUp(context, record, decision?.fence);
    const given = { ...givenUp(status, record, decision), ...rows };
    const { recovery } = await noteClone(context, record.id, ['Cloned'], given);
    const { givenUpUntil, givenUpTransactions, givenUpRows } = given;
    return {
      ...evidence,
      ...(recovery.reaches !== undefined && { givenUpFrom: recovery.reaches }),
      ...(givenUpUntil !== undefined && { givenUpUntil }),
      ...(givenUpTransactions !== undefined && { givenUpTransactions }),
      givenUpRows: givenUpRows ? givenUpText({ givenUpRows }).trim() : `unknown: ${given.givenUpRowsUnknown ?? ''}`,
    };
  };

/** Clients reach what was restored in the place of what was lost; it is on record as what serves, and has a backup of its own. */
export const createConfirmRecovered =
  (get: HttpGet): RunStep =>
  async (context): Promise<Evidence> => {
    const { ledger, request } = context;
    const { digest, traffic } = request;
    const green = restoredInstance(request);
    if (decisionOf((await ledger.read()).status, digest)?.state !== 'Committed') {
      refuse('step-out-of-order', 'nothing is decided for what was restored');
    }
    const replicas = await scaleApplication(context, green, { seconds: DAY });
    await waitForEndpoints(context, traffic.service, green, replicas, DAY);
    await expectAnswer(context, get, traffic.service);
    await recordServing(context, green);
    const backup = await recordedOnce(context, 'backup-green', () =>
      takeBackup(context, green.cluster, `lifecycle-${digest}-green`, PATIENCE),
    );
    await ledger.update(({ status }) => (status.phase === 'Recovered' ? undefined : { ...status, phase: 'Recovered' }));
    return { serving: green.name, version: green.version, replicas, backup: String(backup['id']) };
  };

/**
 * Transaction ids are given out one by one, upkeep's too: those that blue has beyond the clone's are those after the target. Where blue
 * itself was restored in place since, its ids were given out twice, and tell nothing.
 */
function givenUp(
  { restores = [] }: Status,
  { nextXid, recovery: { reaches }, source }: CloneRecord,
  { fence, fencedAt }: Pick<Decision, 'fence' | 'fencedAt'> = {},
): Pick<CloneRecord, 'givenUpTransactions' | 'givenUpUntil'> {
  const until = fencedAt === undefined ? {} : { givenUpUntil: fencedAt };
  const isTwice = restores.some(
    ({ instance, startedAt }) => instance === source && startedAt !== undefined && startedAt > (reaches ?? ''),
  );
  if (isTwice || nextXid === undefined || fence?.snapshot === undefined) return until;
  const count = Number(BigInt(nextOf(fence.snapshot)) - BigInt(nextXid));
  return { ...until, ...(count >= 0 && { givenUpTransactions: count }) };
}

async function recordOf({ ledger, request }: StepContext): Promise<CloneRecord> {
  const { id } = wantedRestore(request);
  return cloneOf((await ledger.read()).status, id) ?? refuse('step-out-of-order', `restore ${id} is not on record`);
}
