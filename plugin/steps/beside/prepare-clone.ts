import type { CloneRecord } from '../../lifecycle/status.ts';
import { refuse, type Evidence, type StepContext } from '../ports/step.ts';
import type { Recovery } from '../../restorable/choose.ts';
import { BEGINS_WITHIN_SECONDS, approvalEvidence, requireApproval } from '../restore/require-approval.ts';
import { recoveryRecord, restoreOf } from '../restore/restore-records.ts';
import { wantedRestore, type WantedRestore } from '../restore/wanted-restore.ts';
import { cloneOf, noteClone } from './clone-records.ts';
import { restoredInstance } from './restored-instance.ts';

/** How a target is reached. */
type Way = (context: StepContext, wanted: WantedRestore) => Promise<Recovery>;

/**
 * Finds out how the target of a restore beside is reached, and writes it down. An id that is on record is this request, which
 * goes on under another attempt, or another one, which it cannot be used for.
 * @throws LifecycleError of the group restore-…
 */
export async function prepareClone(context: StepContext, way: Way): Promise<Evidence> {
  const { clock, ledger, request } = context;
  const wanted = wantedRestore(request);
  const known = cloneOf((await ledger.read()).status, wanted.id);
  const approval = await requireApproval(context, known, BEGINS_WITHIN_SECONDS);
  if (known) return goOn(context, known, wanted, way);
  const recovery = await way(context, wanted);
  const record: CloneRecord = {
    id: wanted.id,
    digest: request.digest,
    instance: restoredInstance(request).name,
    source: request.blue.name,
    repository: wanted.repository,
    target: wanted.text,
    state: 'Requested',
    requestedAt: clock.now().toISOString(),
    recovery: recoveryRecord(recovery),
    ...(request.plan === 'Recover' && { sourceLost: true }),
  };
  const { view } = await ledger.update(({ status }) =>
    cloneOf(status, wanted.id) || restoreOf(status, wanted.id)
      ? undefined
      : { ...status, clones: [...(status.clones ?? []), record] },
  );
  requireSameClone(cloneOf(view.status, wanted.id), context, wanted);
  return { restore: 'Requested', backup: recovery.label, ...approvalEvidence(approval) };
}

async function goOn(context: StepContext, known: CloneRecord, wanted: WantedRestore, way: Way): Promise<Evidence> {
  requireSameClone(known, context, wanted);
  if (known.state === 'Failed') refuse('restore-beside-failed', known.reason ?? `restore ${known.id} failed before`);
  // What was proven and not begun may have expired since.
  const anew = known.state === 'Requested' ? { recovery: recoveryRecord(await way(context, wanted)) } : {};
  const { digest } = context.request;
  const { state, recovery } = await noteClone(context, known.id, [known.state], { digest, ...anew });
  return { restore: state, backup: recovery.label };
}

/** @throws LifecycleError restore-id-used */
export function requireSameClone(
  known: CloneRecord | undefined,
  { request }: StepContext,
  { id, repository, text }: WantedRestore,
): asserts known is CloneRecord {
  if (!known) return refuse('restore-id-used', `restore ${id} was one in place`);
  const isSame =
    known.instance === restoredInstance(request).name &&
    known.source === request.blue.name &&
    known.repository === repository &&
    known.target === text;
  if (isSame) return;
  refuse(
    'restore-id-used',
    `restore ${id} was of ${known.source} to ${known.target} from ${known.repository}, as ${known.instance}, on ${known.requestedAt}`,
  );
}
