import type { RestoreRecord } from '../../lifecycle/status.ts';
import { withSession } from '../../postgres/session.ts';
import { MAINTENANCE, openSuperuser } from '../database/sessions.ts';
import { refuse, type Evidence, type StepContext } from '../ports/step.ts';
import { markArchived, proveTarget } from './prove-target.ts';
import type { WantedRestore } from './wanted-restore.ts';
import { recoveryRecord, restoreOf } from './restore-records.ts';

/**
 * Proves that the target can be reached, while the database still serves, and writes down how: nothing is touched before. An id
 * that is on record is this request, or another one, which it cannot be used for.
 * @throws LifecycleError of the group restore-…
 */
export async function prepareRestore(context: StepContext, wanted: WantedRestore): Promise<Evidence> {
  const { clock, ledger, request } = context;
  const { status } = await ledger.read();
  const known = restoreOf(status, wanted.id);
  if (known && !isSame(known, context, wanted)) {
    refuse(
      'restore-id-used',
      `restore ${wanted.id} was to ${known.target} from ${known.repository}, on ${known.requestedAt}`,
    );
  }
  if (known) return { restore: known.state, backup: known.recovery.label };
  const open = openSuperuser(context, request.blue, 'preflight');
  const recovery = await withSession(open(MAINTENANCE), async (session) =>
    proveTarget(context, session, wanted, await markArchived(context, session)),
  );
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
  };
  const { written } = await ledger.update(({ status: now }) =>
    restoreOf(now, wanted.id) ? undefined : { ...now, restores: [...(now.restores ?? []), record] },
  );
  if (!written) refuse('other-plan-open', `restore ${wanted.id} was prepared by another step just now`);
  return { restore: 'Requested', backup: recovery.label };
}

/** What surrounds a restore that has begun may change: its id stays in the file for as long as somebody leaves it there. */
const isSame = (known: RestoreRecord, { request }: StepContext, { repository, text }: WantedRestore): boolean =>
  (known.startedAt !== undefined || known.digest === request.digest) &&
  known.instance === request.blue.name &&
  known.repository === repository &&
  known.target === text;
