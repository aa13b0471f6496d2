import { takeIncremental } from '../backup/backup.ts';
import { expectAnswer } from '../application/expect-answer.ts';
import { scaleApplication, waitForEndpoints } from '../application/scale-application.ts';
import { recordedOnce } from '../ledger/recorded.ts';
import { recordServing } from '../ledger/serving.ts';
import type { HttpGet } from '../ports/http.ts';
import { refuse, type Evidence, type RunStep, type StepContext } from '../ports/step.ts';
import { noteRestore, restoreOf } from '../restore/restore-records.ts';
import { wantedRestore } from '../restore/wanted-restore.ts';

/** After the restore: clients reach what was restored, it is on record as what serves, and it has a backup of its own. */
export const createConfirmRestore =
  (get: HttpGet): RunStep =>
  async (context): Promise<Evidence> => {
    const { ledger, request } = context;
    const { blue, digest, traffic } = request;
    const { id } = wantedRestore(request);
    const record = restoreOf((await ledger.read()).status, id);
    if (record?.state !== 'Restored') {
      return refuse('step-out-of-order', `restore ${id} is ${record?.state ?? 'not on record'}`);
    }
    const replicas = await scaleApplication(context, blue);
    await waitForEndpoints(context, traffic.service, blue, replicas);
    await expectAnswer(context, get, traffic.service);
    await recordServing(context, blue);
    const clientsOffSeconds = await noteClientsBack(context, id);
    const backup = await recordedOnce(context, 'backup-restored', () =>
      takeIncremental(context, blue.cluster, `lifecycle-${digest}-restored`),
    );
    await ledger.update(({ status }) => (status.phase === 'Restored' ? undefined : { ...status, phase: 'Restored' }));
    const { before, recovery } = record;
    return {
      serving: blue.name,
      version: blue.version,
      replicas,
      ...(recovery.reaches !== undefined && { givenUpFrom: recovery.reaches }),
      ...(before && { givenUpUntil: before.at, restorePoint: before.point }),
      ...(clientsOffSeconds !== undefined && { clientsOffSeconds }),
      backup: String(backup['id'] ?? backup['skipped']),
    };
  };

/** @returns for how long they were off. */
async function noteClientsBack({ clock, ledger }: StepContext, id: string): Promise<number | undefined> {
  const { view } = await ledger.update(({ status }) =>
    restoreOf(status, id)?.clientsBackAt === undefined
      ? noteRestore(status, id, ['Restored'], { clientsBackAt: clock.now().toISOString() })
      : undefined,
  );
  const { clientsOffAt, clientsBackAt } = restoreOf(view.status, id) ?? {};
  if (clientsOffAt === undefined || clientsBackAt === undefined) return undefined;
  return (Date.parse(clientsBackAt) - Date.parse(clientsOffAt)) / 1000;
}
