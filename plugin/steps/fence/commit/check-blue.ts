import type { Decision } from '../../../lifecycle/status.ts';
import { isAnyCommittedSince } from '../../../postgres/committed-since.ts';
import { holderProblems, unheldProblems } from '../../../postgres/evidence.ts';
import { catalogDigest, changedParts } from '../../../postgres/fingerprint.ts';
import { serverIdentity } from '../../../postgres/identity.ts';
import { refuse, type StepContext } from '../../ports/step.ts';
import type { BlueConnections } from '../connections.ts';
import { checkGuards } from '../check-guards.ts';
import { readDecision } from '../decide.ts';
import { lockBlue } from '../lock-blue.ts';
import { identityProblems } from '../keeper/make-evidence.ts';

/**
 * C1 and C2: locks of our own on the same relations, and under them everything that the fence's evidence says: the
 * keeper's transactions, blue's timeline and start time, and F4's comparisons.
 * @throws LifecycleError when anything is other than equal.
 */
export async function checkBlue(context: StepContext, blue: BlueConnections): Promise<void> {
  const { fence, roles = [] } = await readDecision(context);
  if (!fence) refuse('step-out-of-order', 'the fence left no evidence');
  await lockBlue(context, blue, 'commit', fence.holders);
  const expected = {
    systemIdentifier: fence.systemIdentifier,
    timeline: fence.timeline,
    startedAt: fence.postmasterStartedAt,
  };
  // The identity first: on another server the transaction ids mean nothing.
  const identity = identityProblems(expected, await serverIdentity(blue.helper));
  if (identity.length > 0) refuse('fence-lost', identity.join('; '));
  const holders = await holderProblems(blue.helper, fence.holders);
  if (holders.length > 0) refuse('fence-lost', holders.join('; '));
  const unheld = await unheldProblems(blue.holders, fence.holders);
  if (unheld.length > 0) refuse('blue-changed', unheld.join('; '));
  await checkGuards(context, blue, roles);
  const changed = await changedSince(blue, fence);
  if (changed.length > 0) refuse('blue-changed', `since the fence: ${changed.join(', ')}`);
}

/** Where nothing was committed, nothing need be read again: catalogs of many tables, whole materialized views. */
async function changedSince(
  { helper, open }: BlueConnections,
  fence: NonNullable<Decision['fence']>,
): Promise<readonly string[]> {
  if (fence.snapshot !== undefined && !(await isAnyCommittedSince(helper, fence.snapshot))) return [];
  return changedParts(fence.catalogDigest, await catalogDigest(helper, open));
}
