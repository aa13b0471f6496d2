import { approvable } from '../../plugin/plan/approval-digest.ts';
import { earlierStage, requestOf } from '../../plugin/plan/approved.ts';
import { stepRequest } from '../../plugin/plan/plan.ts';
import type { ParameterSet } from '../parameter-set.ts';
import type { ApprovalAsked, Approvals } from '../ports.ts';
import { decide, without, type Decision } from './decide.ts';
import { forgetOldest, introductionsOf, MOST_CHANGES, type KnownRequests } from './introductions.ts';
import { keepGiven } from './kept.ts';
import { rulesFor, type ApprovalsOptions } from './options.ts';
import { requestIn } from './request-in.ts';
import { standingOf } from './standing-of.ts';
import { tokenOf } from './token.ts';

type Approval = ParameterSet['approval'];

/** Looks for the pull requests that brought requests in, and signs what their reviews allow. */
export function createApprovals(options: ApprovalsOptions): Approvals {
  const known: KnownRequests = new Map();
  const kept = keepGiven(options.now);

  /** Signed at every call, by the key of now. */
  async function signed(decision: Decision): Promise<Approval> {
    if ('refusal' in decision) return decision.refusal;
    const { given, message } = decision;
    return { state: 'given', token: await tokenOf(given, options.key()), message };
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
    const cameIn = introductions.map(({ commit, request, takenAway = '' }) => `${commit} ${request} ${takenAway}`);
    const id = [repository.url, repository.cluster, branch, path, namespace, ...cameIn].join('\n');
    return signed(await kept.decided(id, () => decide(introductions, asked, rules, options)));
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

    changed(repository, number) {
      const scm = options.scm(repository);
      scm?.forget();
      if (scm) kept.changed(`${scm.project}#${number}`);
    },
  };
}
