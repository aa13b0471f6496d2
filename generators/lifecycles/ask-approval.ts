import { parseLifecycle } from '../../plugin/lifecycle/parse.ts';
import { buildPlan, type Plan } from '../../plugin/plan/plan.ts';
import type { ParameterSet } from '../parameter-set.ts';
import type { Approvals } from '../ports.ts';
import { readBlobs } from '../repositories/blobs.ts';
import { historyOf } from '../repositories/history.ts';
import type { Mirror } from '../repositories/mirror.ts';
import type { Branch, ValidEntry } from './entry.ts';
import { NOT_NEEDED } from './parameters.ts';
import { createRecent } from './recent.ts';

type Approval = ParameterSet['approval'];

export type AskApproval = (
  mirror: Mirror,
  branch: Branch,
  entry: ValidEntry,
  signal: AbortSignal,
) => Promise<Approval> | Approval;

const NOT_CONFIGURED: Approval = {
  state: 'missing',
  token: '',
  message: 'no approvals are configured in the generator (approvals)',
};
/** Requests are few at a time. */
const MAX_PLANS = 256;

/** Where a version of an earlier commit stands for a file, its request is looked for behind that commit. */
export function createAskApproval(approvals: Pick<Approvals, 'approvalOf'> | undefined): AskApproval {
  const plans = createRecent<string, Plan>(MAX_PLANS);
  return (mirror, branch, entry, signal) => {
    if (!entry.facts.asks) return NOT_NEEDED;
    if (!approvals) return NOT_CONFIGURED;
    return planOf(mirror, entry, plans, signal).then((plan) =>
      approvals.approvalOf({
        repository: branch.repository,
        branch: branch.branch,
        path: entry.path,
        namespace: entry.namespace,
        plan,
        history: historyOf(mirror, entry.commit ?? branch.head, signal),
      }),
    );
  };
}

async function planOf(
  mirror: Mirror,
  { path, blob }: ValidEntry,
  plans: ReturnType<typeof createRecent<string, Plan>>,
  signal: AbortSignal,
): Promise<Plan> {
  const known = plans.get(blob);
  if (known) return known;
  const contents = await mirror.read(path, signal, (run) => readBlobs(run, [blob]));
  const content = contents.get(blob);
  const result = content instanceof Uint8Array ? parseLifecycle(content, path) : undefined;
  if (!result?.ok) throw new Error(`${path} was valid, and is not any more`);
  const plan = buildPlan(result.lifecycle);
  plans.set(blob, plan);
  return plan;
}
