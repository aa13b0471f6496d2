import type { RoleSettings } from '../../../lifecycle/status.ts';
import { currentSnapshot } from '../../../postgres/committed-since.ts';
import { holderProblems, unheldProblems } from '../../../postgres/evidence.ts';
import { catalogDigest } from '../../../postgres/fingerprint.ts';
import { serverIdentity, type ServerIdentity } from '../../../postgres/identity.ts';
import { makeRestorePoint, waitArchived } from '../../../postgres/restore-point.ts';
import { refuse, type StepContext } from '../../ports/step.ts';
import type { BlueConnections } from '../connections.ts';
import { checkGuards } from '../check-guards.ts';
import { note } from '../decide.ts';
import type { Closed } from './raise.ts';

/** What was known when the decision became Fenced. */
export interface Opening {
  readonly roles: readonly RoleSettings[];
  readonly identity: ServerIdentity;
  readonly fencedAt: string;
}

/**
 * F7 and F8: what the fence encloses is written down (F4's comparisons, the rows written so far), the restore point is
 * made and seen in the archive, and the locks are seen to be held by our transactions still. Recorded in the ledger.
 */
export async function makeEvidence(
  context: StepContext,
  blue: BlueConnections,
  { roles, identity, fencedAt }: Opening,
  { held }: Closed,
): Promise<void> {
  const { clock, progress, request } = context;
  const lockedAt = clock.now().toISOString();
  await checkGuards(context, blue, roles);
  const digest = await catalogDigest(blue.helper, blue.open);
  // After the catalogs were read: what is in them and not locked ends the window here rather than at its commit.
  const unheld = await unheldProblems(blue.holders, held);
  if (unheld.length > 0) refuse('blue-changed', unheld.join('; '));
  const snapshot = await currentSnapshot(blue.helper);
  const point = await makeRestorePoint(blue.helper, request.restorePoint);
  // The keeper's watch ends this wait at the window's budget.
  const seconds = request.windowBudgetSeconds;
  const { report } = progress;
  if (!(await waitArchived(blue.helper, point.walFile, { clock, seconds, report }))) {
    refuse('not-archived', `${point.walFile} did not reach the archive within ${seconds} s`);
  }
  const archivedAt = clock.now().toISOString();
  const problems = await standingProblems(blue, held, identity);
  if (problems.length > 0) refuse('fence-lost', problems.join('; '));
  await note(context, 'Fenced', () => ({
    fence: {
      restorePoint: request.restorePoint,
      lsn: point.lsn,
      timeline: point.timeline,
      systemIdentifier: identity.systemIdentifier,
      postmasterStartedAt: identity.startedAt,
      holders: [...held],
      roles: [...roles],
      catalogDigest: digest,
      snapshot,
      fencedAt,
      lockedAt,
      archivedAt,
    },
  }));
}

async function standingProblems(
  { helper }: BlueConnections,
  held: Closed['held'],
  identity: ServerIdentity,
): Promise<readonly string[]> {
  return [...identityProblems(identity, await serverIdentity(helper)), ...(await holderProblems(helper, held))];
}

/** A failover or a restart of blue, as far as its identity tells it. */
export function identityProblems(expected: ServerIdentity, seen: ServerIdentity | undefined): readonly string[] {
  if (seen === undefined) return ["blue's server is in recovery: it is no longer the primary"];
  if (seen.systemIdentifier !== expected.systemIdentifier) return ["blue's address leads to another database system"];
  if (seen.timeline !== expected.timeline) {
    return [`blue failed over: timeline ${seen.timeline} instead of ${expected.timeline}`];
  }
  return seen.startedAt === expected.startedAt ? [] : [`blue's server was started anew at ${seen.startedAt}`];
}
