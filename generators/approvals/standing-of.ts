import { requestOf } from '../../plugin/plan/approved.ts';
import type { StandingAsked } from '../ports.ts';
import { allowedBy } from './allowed.ts';
import { judge } from './judge.ts';
import { latestReviews } from './latest-reviews.ts';
import { membersOf } from './members-of.ts';
import { rulesFor, type ApprovalsOptions } from './options.ts';
import { NOBODY, ownersAt } from './owners-at.ts';
import type { Standing } from './standing.ts';

/** Of an open pull request: who has approved its head by now, and who may. @returns undefined where nobody has to. */
export async function standingOf(asked: StandingAsked, options: ApprovalsOptions): Promise<Standing | undefined> {
  if (requestOf(asked.plan) === undefined) return undefined;
  const rules = rulesFor(asked, options);
  if ('refused' in rules) return nobody(rules.refused);
  const { scm, policy } = rules;
  const facts = await scm.pullRequest(asked.number);
  if (!facts) return nobody(`${scm.project}#${asked.number} is not there`);
  const { base, mergeBase } = facts;
  const states = [base, mergeBase].map((ref) => (file: string) => scm.fileAt(ref, file));
  const owners = policy.approvers.codeOwners ? await ownersAt(scm.kind, asked.path, states) : NOBODY;
  const allowed = allowedBy(policy, owners);
  const { standing } = judge(facts, latestReviews(facts.reviews), {
    quorum: policy.quorum,
    allowed,
    members: await membersOf(scm, allowed),
  });
  return standing;
}

const nobody = (refused: string): Standing => ({
  quorum: 0,
  approvedBy: [],
  mayApprove: [],
  notCounted: [],
  refused,
});
