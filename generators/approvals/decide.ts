import type { ParameterSet } from '../parameter-set.ts';
import type { ApprovalAsked } from '../ports.ts';
import { allowedBy } from './allowed.ts';
import { broughtInBy } from './brought-in.ts';
import type { Introduction } from './introductions.ts';
import { membersOf } from './members-of.ts';
import { givenText, missingText } from './message.ts';
import type { ApprovalsOptions, Rules } from './options.ts';
import { NOBODY, ownersAt } from './owners-at.ts';
import { requestIn } from './request-in.ts';
import { namedBy } from './standing.ts';
import type { Given } from './token.ts';
import { verdictOf } from './verdict.ts';

type Approval = ParameterSet['approval'];
export type Decision = { readonly refusal: Approval } | Yes;
export interface Yes {
  readonly given: Given;
  readonly message: string;
}

export const without = (state: 'missing' | 'refused', message: string): Approval => ({ state, token: '', message });

/** @param introductions where what is asked for came in, newest first; at least one */
export async function decide(
  introductions: readonly Introduction[],
  asked: ApprovalAsked,
  rules: Rules,
  { now }: Pick<ApprovalsOptions, 'now'>,
): Promise<Decision> {
  const decisions: Decision[] = [];
  for (const each of introductions) decisions.push(await decisionOn(each, asked, rules, now()));
  const best = longest(decisions);
  return best ?? decisions[0] ?? { refusal: without('missing', 'nothing asks for it') };
}

/** Of several that would do the one that may be begun on longest; of equal ones that which came first. */
function longest(decisions: readonly Decision[]): Yes | undefined {
  const given = decisions.flatMap((each) => ('given' in each ? [each] : []));
  return given.toReversed().toSorted((a, b) => b.given.until.getTime() - a.given.until.getTime())[0];
}

async function decisionOn(
  introduction: Introduction,
  asked: ApprovalAsked,
  { scm, policy, validSeconds }: Rules,
  now: Date,
): Promise<Decision> {
  const { branch, history, namespace, path, plan, repository } = asked;
  const broughtIn = await broughtInBy(introduction, { branch, path, history, scm, requestIn });
  if ('none' in broughtIn) return { refusal: without('missing', broughtIn.none) };
  const { pullRequest: facts } = broughtIn;
  const before = await history.parentOf(introduction.commit);
  const states = [before, facts.mergeBase].map(
    (commit) => (file: string) => (commit === undefined ? Promise.resolve(undefined) : history.fileAt(commit, file)),
  );
  const owners = policy.approvers.codeOwners ? await ownersAt(scm.kind, path, states) : NOBODY;
  const allowed = allowedBy(policy, owners);
  const members = (): ReturnType<typeof membersOf> => membersOf(scm, allowed);
  const { standing, given } = await verdictOf({ facts, quorum: policy.quorum, allowed, validSeconds, now, members });
  const pullRequest = `${scm.project}#${facts.number}`;
  if (standing.refused !== undefined) return { refusal: without('refused', `${pullRequest}: ${standing.refused}`) };
  if (!given) return { refusal: without('missing', missingText(standing, pullRequest)) };
  const approvers = namedBy(standing);
  return {
    message: givenText(approvers, pullRequest, given.until, now),
    given: {
      cluster: repository.cluster,
      namespace,
      lifecycle: plan.lifecycle.metadata.name,
      request: introduction.request,
      approvers,
      pullRequest,
      ...given,
    },
  };
}
