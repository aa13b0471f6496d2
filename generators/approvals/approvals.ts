import { LifecycleError } from '../../plugin/errors/errors.ts';
import { approvable } from '../../plugin/plan/approval-digest.ts';
import { earlierStage, requestOf } from '../../plugin/plan/approved.ts';
import { stepRequest } from '../../plugin/plan/plan.ts';
import type { ParameterSet } from '../parameter-set.ts';
import type { ApprovalAsked, Approvals } from '../ports.ts';
import { decide, without } from './decide.ts';
import { forgetOldest, introductionsOf, MOST_CHANGES, type KnownRequests } from './introductions.ts';
import { rulesFor, type ApprovalsOptions } from './options.ts';
import { requestIn } from './request-in.ts';
import { standingOf } from './standing-of.ts';

type Approval = ParameterSet['approval'];

/** How long ago a verdict may be that stands in where the source host does not answer. */
const STANDS_IN_MILLISECONDS = 600_000;

/** More of them are forgotten, the oldest first. */
const MOST_GIVEN = 10_000;

/** Looks for the pull requests that brought requests in, and signs what their reviews allow. */
export function createApprovals(options: ApprovalsOptions): Approvals {
  const known: KnownRequests = new Map();
  const given = new Map<string, { readonly approval: Approval; readonly at: number }>();

  /** What was given a short while ago, for what came in with the same commits, stands in where the host does not answer. */
  async function withStandIn(id: string, ask: () => Promise<Approval>): Promise<Approval> {
    const at = options.now().getTime();
    try {
      const approval = await ask();
      given.delete(id);
      if (approval.state === 'given') given.set(id, { approval, at });
      for (const oldest of given.keys()) {
        if (given.size <= MOST_GIVEN) break;
        given.delete(oldest);
      }
      return approval;
    } catch (error) {
      const before = given.get(id);
      const unreachable = error instanceof LifecycleError && error.code === 'generator-scm-unreachable';
      if (unreachable && before && at - before.at < STANDS_IN_MILLISECONDS) return before.approval;
      throw error;
    }
  }

  async function approvalOf(asked: ApprovalAsked): Promise<Approval> {
    const { plan, path, history, branch, namespace, repository } = asked;
    const rules = rulesFor(asked, options);
    if ('refused' in rules) return without('refused', rules.refused);
    const introductions = await introductionsOf(history, path, approvable(stepRequest(plan)), requestIn, known);
    forgetOldest(known);
    if (introductions === 'unknown')
      return without('missing', `the request is older than ${MOST_CHANGES} changes of its file: ask for it anew`);
    if (introductions.length === 0) return without('missing', `at the head of ${branch} the file does not ask for it`);
    const cameIn = introductions.map(({ commit, request }) => `${commit} ${request}`);
    const id = [repository.url, repository.cluster, branch, path, namespace, ...cameIn].join('\n');
    return withStandIn(id, () => decide(introductions, asked, rules, options));
  }

  return {
    async approvalOf(asked) {
      if (requestOf(asked.plan) === undefined) return { state: 'not needed', token: '', message: '' };
      const own = await approvalOf(asked);
      const earlier = own.state === 'given' ? undefined : earlierStage(asked.plan);
      if (!earlier) return own;
      // What was restored beside stays until the switch to it is approved.
      const { token } = await approvalOf({ ...asked, plan: earlier });
      return { ...own, token };
    },

    standingOf: (asked) => standingOf(asked, options),

    changed(repository) {
      options.scm(repository)?.forget();
    },
  };
}
