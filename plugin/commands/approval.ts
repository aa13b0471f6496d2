import { isAbsolute } from 'node:path';
import { clusterName } from '../approval/claims.ts';
import { requireFor } from '../approval/check.ts';
import type { PublicKey } from '../approval/key-schema.ts';
import { LifecycleError } from '../errors/errors.ts';
import { approvable } from '../plan/approval-digest.ts';
import { requestOf } from '../plan/approved.ts';
import { stepRequest, type Plan } from '../plan/plan.ts';
import type { Verdict } from '../review/verdict.ts';
import { failureOf } from './failure.ts';
import { readPublicKeys } from './key-files.ts';
import type { ApprovalParameters } from './parameters.ts';

/** @returns undefined where the plan needs nobody's approval. */
export async function verdictOf(plan: Plan, parameters: ApprovalParameters): Promise<Verdict | undefined> {
  const request = requestOf(plan);
  if (request === undefined) return undefined;
  if (parameters.unapproved.includes(request)) return { approval: 'not needed' };
  try {
    return await checked(plan, parameters);
  } catch (error) {
    if (error instanceof LifecycleError) return { refusal: error };
    throw error;
  }
}

async function checked(
  plan: Plan,
  { approval: token, cluster, namespace, keysFile }: ApprovalParameters,
): Promise<Verdict> {
  const lifecycle = plan.lifecycle.metadata.name;
  if (token === undefined) throw new LifecycleError('approval-missing', 'no approval came');
  if (keysFile === undefined) return uncheckable('LIFECYCLE_APPROVAL_KEYS is not set');
  // Argo CD runs the plugin within the repository, which must not bring the keys that it is checked by.
  if (!isAbsolute(keysFile)) return uncheckable('LIFECYCLE_APPROVAL_KEYS is no absolute path');
  if (cluster === undefined) return uncheckable('neither LIFECYCLE_CLUSTER nor the parameter cluster is set');
  if (!clusterName.safeParse(cluster).success) return uncheckable(`${JSON.stringify(cluster)} is no name of a cluster`);
  if (namespace === undefined) return uncheckable('no namespace is given (ARGOCD_APP_NAMESPACE)');
  // Loaded for it only: it brings the cryptography, which no other plan needs.
  const { readApproval } = await import('../approval/read.ts');
  const { claims, key } = await readApproval(token, trusted(keysFile));
  requireFor(claims, { cluster, namespace, lifecycle, requests: approvable(stepRequest(plan)) });
  return { approval: { token, key, cluster }, claims };
}

function uncheckable(why: string): never {
  throw new LifecycleError('approval-not-checkable', why);
}

/** The keys are whoever runs the plugin's to correct, not the file's author's. */
function trusted(file: string): readonly PublicKey[] {
  try {
    return readPublicKeys(file);
  } catch (error) {
    return uncheckable(`LIFECYCLE_APPROVAL_KEYS: ${failureOf(error).text}`);
  }
}
