import type { RestoreRecord, Status } from '../../lifecycle/status.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import { blindRecovery } from '../../restorable/blind.ts';
import type { Recovery } from '../../restorable/choose.ts';
import { refuse, type Evidence, type StepContext } from '../ports/step.ts';
import { proven } from './prove-target.ts';
import type { WantedRestore } from './wanted-restore.ts';
import { downBy, lastOpen } from './open-restores.ts';
import { BEGINS_WITHIN_SECONDS, approvalEvidence, requireApproval } from './require-approval.ts';
import { requireSame } from './require-same.ts';
import { noteRestore, recoveryRecord, restoreOf } from './restore-records.ts';
import { undoable } from './undoable.ts';

/**
 * Proves that the target can be reached, while the database still serves, and writes down how: nothing is touched before. An id
 * that is on record is this request, or another one, which it cannot be used for.
 * @throws LifecycleError of the group restore-…
 */
export async function prepareRestore(context: StepContext, wanted: WantedRestore): Promise<Evidence> {
  const { clock, ledger, request } = context;
  const view = await ledger.read();
  const { status } = view;
  const known = restoreOf(status, wanted.id);
  if (status.clones?.some(({ id }) => id === wanted.id))
    refuse('restore-id-used', `restore ${wanted.id} was one beside`);
  if (known) requireSame(known, context.request, wanted);
  const approval = await requireApproval(context, known, BEGINS_WITHIN_SECONDS);
  if (known) return { restore: (await adopted(context, known)).state, backup: known.recovery.label };
  const down = downBy(view, request.blue.name);
  const earlier = lastOpen(view, request.blue.name);
  const recovery = down ? blind(status, request, wanted) : await proven(context, wanted);
  const record: RestoreRecord = {
    id: wanted.id,
    digest: request.digest,
    instance: request.blue.name,
    repository: wanted.repository,
    target: wanted.text,
    state: 'Requested',
    requestedAt: clock.now().toISOString(),
    recovery: recoveryRecord(recovery),
    applicationVersion: request.blue.version,
    // What was kept for an earlier one that is not over is kept on.
    ...(earlier && { roles: earlier.roles, clientsOffAt: earlier.clientsOffAt }),
    ...(down && { before: down.before }),
  };
  const { written } = await ledger.update(({ status: now }) =>
    restoreOf(now, wanted.id) ? undefined : { ...now, restores: [...(now.restores ?? []), record] },
  );
  if (!written) refuse('other-plan-open', `restore ${wanted.id} was prepared by another step just now`);
  return {
    restore: 'Requested',
    backup: recovery.label,
    ...approvalEvidence(approval),
  };
}

function blind(status: Status, { blue }: StepRequest, { repository, target, text }: WantedRestore): Recovery {
  const inRepository = (id: string): boolean => restoreOf(status, id)?.repository === repository;
  const past = undoable(status, blue).map((each) => (inRepository(each.id) ? each : { ...each, label: undefined }));
  const known = past.map(({ id }) => id).join(', ') || 'none';
  return (
    blindRecovery(target, past) ??
    refuse(
      'restore-target-unknown',
      `the database is down, and the ledger knows no way to ${text}; restores that can be undone: ${known}`,
    )
  );
}

/**
 * This plan goes on with it. The version that fits may be corrected until clients are back on it; from then on another one is an
 * upgrade.
 */
async function adopted({ ledger, request }: StepContext, known: RestoreRecord): Promise<RestoreRecord> {
  const { digest, blue } = request;
  const { applicationVersion, clientsBackAt, id, state } = known;
  if (clientsBackAt !== undefined && applicationVersion !== blue.version) {
    refuse(
      'restore-version',
      `restore ${id} is over, with version ${applicationVersion ?? 'unknown'}; take it out (lifecycle next), then upgrade`,
    );
  }
  const { view } = await ledger.update(({ status }) =>
    noteRestore(status, id, [state], { digest, applicationVersion: blue.version }),
  );
  return restoreOf(view.status, id) ?? known;
}
