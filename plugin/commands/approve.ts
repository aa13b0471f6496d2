import { claimsSchema } from '../approval/claims.ts';
import { signApproval } from '../approval/sign.ts';
import { LifecycleError } from '../errors/errors.ts';
import { approvalDigest } from '../plan/approval-digest.ts';
import { requestOf } from '../plan/approved.ts';
import { buildPlan, durationSeconds, stepRequest } from '../plan/plan.ts';
import { duration } from '../lifecycle/fields.ts';
import { wantedRestore } from '../steps/restore/wanted-restore.ts';
import { PlacedError } from './failure.ts';
import type { Io } from './io.ts';
import { readPrivateKey } from './key-files.ts';
import { findLifecycle, readLifecycle } from './lifecycle-file.ts';

export interface ApproveOptions {
  readonly key: string;
  readonly approver: readonly string[];
  readonly cluster: string;
  readonly namespace: string;
  readonly valid: string;
  readonly request?: string;
}

/** Signs what the file asks for. stdout is the token and nothing else; stderr says what was signed. */
export async function approve(io: Io, path: string, options: ApproveOptions): Promise<void> {
  const file = findLifecycle(path);
  const plan = buildPlan(readLifecycle(file));
  if (requestOf(plan) === undefined)
    throw new PlacedError(`${file.path}:1`, 'approval-not-needed', `it asks for ${plan.kind}`);
  const { cluster, namespace, approver: approvers } = options;
  if (approvers.length === 0) throw new LifecycleError('usage', '--approver: say who approves');
  const asked = stepRequest(plan);
  const request = approvalDigest(asked);
  if (options.request !== undefined && options.request !== request)
    throw new PlacedError(`${file.path}:1`, 'approval-other-request', `it asks for ${request}`);
  const issued = Math.floor(io.now().getTime() / 1000);
  const lifecycle = plan.lifecycle.metadata.name;
  const claims = claimsSchema.safeParse({
    aud: cluster,
    sub: `${namespace}/${lifecycle}`,
    request,
    approvers,
    iat: issued,
    exp: issued + validSeconds(options.valid),
  });
  if (!claims.success) {
    const problems = claims.error.issues.map(({ path: at, message }) => `${OPTION[String(at[0])] ?? ''}: ${message}`);
    throw new LifecycleError('usage', problems.join('; '));
  }
  io.out(`${await signApproval(claims.data, readPrivateKey(options.key))}\n`);
  const until = new Date(claims.data.exp * 1000).toISOString();
  const { text, id, repository } = wantedRestore(asked);
  const what = plan.kind === 'SwitchRestored' ? 'the switch to restore' : 'restore';
  const as = plan.green ? ` as ${plan.green.name} ${plan.green.version}` : '';
  io.err(
    `${approvers.join(', ')}: ${what} ${id} of ${plan.blue.name} ${plan.blue.version} to ${text} from ${repository}${as}\n` +
      `request ${request} of ${namespace}/${lifecycle} in ${cluster}, until ${until}\n`,
  );
}

/** Which option a claim came from. */
const OPTION: Readonly<Record<string, string>> = { aud: '--cluster', sub: '--namespace', approvers: '--approver' };

/** Preflight wants ten minutes more than the moment. */
const LEAST_SECONDS = 900;

function validSeconds(text: string): number {
  if (duration.safeParse(text).success) {
    const seconds = durationSeconds(text);
    if (seconds >= LEAST_SECONDS) return seconds;
    throw new LifecycleError('usage', `--valid: at least ${LEAST_SECONDS / 60}m, so that the restore can begin`);
  }
  throw new LifecycleError('usage', `--valid: ${JSON.stringify(text)} is no duration such as 90m or 24h`);
}
