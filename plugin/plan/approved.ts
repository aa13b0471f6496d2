import { approvalDigest } from './approval-digest.ts';
import { buildPlan, stepRequest, type Plan } from './plan.ts';
import { isBeside } from './steps.ts';

/** What a file may ask for that somebody has to approve, other than who wrote it. */
export const REQUESTS = ['restore'] as const;
export type Request = (typeof REQUESTS)[number];

/** What of a plan has to be approved. */
export const requestOf = ({ kind }: Pick<Plan, 'kind'>): Request | undefined =>
  kind === 'Restore' || isBeside(kind) ? 'restore' : undefined;

/** The same file one stage earlier, which goes on where only its last stage is not approved: what was restored beside stays. */
export function earlierStage({ kind, lifecycle }: Plan): Plan | undefined {
  const { restore } = lifecycle.spec;
  if (kind !== 'SwitchRestored' || !restore) return undefined;
  return buildPlan({ ...lifecycle, spec: { ...lifecycle.spec, restore: { ...restore, stage: 'Prepare' } } });
}

/**
 * The plan of the same file without what it asks for and nobody has approved, which says so (I13).
 * @param why `code: text`.
 */
export function withoutRequest(asked: Plan, why: string): Plan {
  const { lifecycle } = asked;
  const { restore, ...spec } = lifecycle.spec;
  const plan = buildPlan({ ...lifecycle, spec });
  return {
    ...plan,
    ...(asked.kind === 'Recover' && { steps: withoutDatabase(plan) }),
    awaiting: awaitingText(asked, restore?.id ?? '', why),
  };
}

/**
 * Where the database is said to be gone the plan at rest would make it again, empty. Its application and its Service stay as they are,
 * and no sync waits for them: one that goes on would not take the approval when that comes, and without a database nothing gets healthy.
 */
const withoutDatabase = ({ steps }: Plan): Plan['steps'] =>
  steps
    .filter(({ name }) => name === 'access' || name === 'application' || name === 'traffic')
    .map((step) => (step.name === 'access' ? step : { ...step, leftAlone: true }));

/** What is awaited, for people: the request that an approver signs, and what was wrong with what came. */
export function awaitingText(asked: Plan, id: string, why: string): string {
  const what = asked.kind === 'SwitchRestored' ? 'the switch to restore' : 'restore';
  return `${what} ${id}, request ${approvalDigest(stepRequest(asked))} (${why})`;
}
