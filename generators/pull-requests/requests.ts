import { parseLifecycle } from '../../plugin/lifecycle/parse.ts';
import { buildPlan, type Plan } from '../../plugin/plan/plan.ts';
import type { CommitReader } from '../../plugin/review/commit-reader.ts';
import type { Review } from '../../plugin/review/review.ts';

/** A request that a pull request brings in. */
export interface BroughtIn {
  readonly path: string;
  readonly plan: Plan;
  readonly request: string;
}

/** What has to be approved in a change: what its files ask for and did not before. */
export async function broughtInBy({ commits, files }: Review, reader: CommitReader): Promise<readonly BroughtIn[]> {
  const asking = files.flatMap(({ path, before, after }) => {
    const request = after?.restore?.approval.request;
    return request === undefined || request === before?.request ? [] : [{ path, request }];
  });
  if (asking.length === 0) return [];
  const tree = await reader.tree(commits.head, (path) => asking.some((each) => each.path === path));
  const contents = await reader.blobs([...new Set([...tree.values()].map(({ id }) => id))]);
  return asking.flatMap(({ path, request }) => {
    const read = parseLifecycle(contents.get(tree.get(path)?.id ?? '') ?? new Uint8Array(), path);
    return read.ok ? [{ path, request, plan: buildPlan(read.lifecycle) }] : [];
  });
}
