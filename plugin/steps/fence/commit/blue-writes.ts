import { textOf } from '../../../errors/text-of.ts';
import type { Decision } from '../../../lifecycle/status.ts';
import { committedSince } from '../../../postgres/committed-since.ts';
import { holderProblems } from '../../../postgres/evidence.ts';
import { catalogDigest, changedParts } from '../../../postgres/fingerprint.ts';
import { serverIdentity } from '../../../postgres/identity.ts';
import type { OpenSession, Session } from '../../../postgres/session.ts';
import { identityProblems } from '../keeper/make-evidence.ts';

/**
 * Looked at when blue is closed, and before the locks are let go: whether anything was written to blue since the fence
 * (ADR 20). Cheap, and exact where it says 0; what keeps it from saying so is recorded in words. It never keeps blue from
 * being recorded as closed.
 */
export async function blueWrites(
  session: Session,
  open: OpenSession,
  decision: Decision,
): Promise<Pick<Decision, 'lostWrites' | 'blueWrites'>> {
  try {
    const problem = await unproven(session, open, decision);
    return problem === undefined ? { lostWrites: 0 } : { blueWrites: problem };
  } catch (error) {
    return { blueWrites: `not looked at: ${textOf(error)}` };
  }
}

/** @returns undefined when nothing was written; else why that is not known. */
async function unproven(session: Session, open: OpenSession, { fence }: Decision): Promise<string | undefined> {
  if (fence?.snapshot === undefined) return 'the fence recorded no snapshot';
  const { systemIdentifier, timeline } = fence;
  const now = await serverIdentity(session);
  // A restart ends the locks, but what is committed stays on record; on another server or timeline it is not the same record.
  const identity = identityProblems({ systemIdentifier, timeline, startedAt: now?.startedAt ?? '' }, now);
  if (identity.length > 0) return identity.join('; ');
  const committed = await committedSince(session, fence.snapshot);
  if (committed.length === 0) return undefined;
  // Also upkeep has transactions. Under the keeper's locks nobody can have written a row, and the catalogs can be compared.
  const locks = await holderProblems(session, fence.holders);
  const seen = `transactions ${committed.join(', ')} were committed since the fence`;
  if (locks.length > 0) return `${seen}, and the locks did not last: ${locks.join('; ')}`;
  const changed = changedParts(fence.catalogDigest, await catalogDigest(session, open));
  // What closing blue writes: every other column of it is in the part `roles`.
  const others = changed.filter((part) => part !== 'pg_authid');
  return others.length === 0 ? undefined : `${seen}, and these changed: ${others.join(', ')}`;
}
