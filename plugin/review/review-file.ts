import type { Lifecycle } from '../lifecycle/model.ts';
import type { Problem } from '../lifecycle/problem.ts';
import type { Status } from '../lifecycle/status.ts';
import { approvalDigest } from '../plan/approval-digest.ts';
import { requestOf } from '../plan/approved.ts';
import { buildPlan, stepRequest, type Plan } from '../plan/plan.ts';
import type { RenderedObject } from '../render/render.ts';
import type { ChangedFile } from './changed-files.ts';
import type { Files } from './commit-reader.ts';
import { fieldChanges } from './field-changes.ts';
import { renderProblems } from './file-problems.ts';
import { viewOf, type PlanView } from './plan-view.ts';
import type { FileReview, PlanBefore } from './review.ts';

/** How closely a file is looked at. */
export interface Looking {
  /** By the built-in templates: those of a repository are not run, since whoever may open a pull request writes them. */
  readonly render: (plan: Plan) => readonly RenderedObject[];
  /** A saved status of this file's Lifecycle. */
  readonly statusOf?: (path: string, lifecycle: Lifecycle) => Status | undefined;
}

interface Reviewed {
  readonly review: FileReview;
  /** Of what it is rendered to. */
  readonly problems: readonly Problem[];
}

const MOST_FIELDS = 60;
const NOTHING = { fields: [], moreFields: 0, objects: { come: [], go: [] }, measured: false } as const;

/** @param looking undefined: only that it changed. */
export function reviewFile(
  changed: ChangedFile,
  { base, head }: { readonly base: Files; readonly head: Files },
  looking: Looking | undefined,
): Reviewed {
  if (looking === undefined) return { review: { ...changed, ...NOTHING, skipped: true }, problems: [] };
  const { path, from = path } = changed;
  const was = lifecycleOf(base, from);
  const is = lifecycleOf(head, path);
  const [before, after] = [was && buildPlan(was), is && buildPlan(is)];
  const status = is && looking.statusOf?.(path, is);
  const now = after && attempt(path, () => looking.render(after));
  const old = before && attempt(from, () => looking.render(before));
  const fields = was && is ? fieldChanges(was, is) : [];
  return {
    review: {
      ...changed,
      ...(before && { before: planBefore(before) }),
      ...(after && { after: viewOf(after, [], { verdict: 'asked', ...(status && { status }) }) }),
      fields: fields.slice(0, MOST_FIELDS),
      moreFields: Math.max(0, fields.length - MOST_FIELDS),
      // What cannot be read takes nothing away: Argo CD goes on with what it has.
      objects: is || changed.change === 'removed' ? difference(old, now) : NOTHING.objects,
      measured: status !== undefined,
    },
    problems: now?.problems ?? [],
  };
}

function lifecycleOf(files: Files, path: string): Lifecycle | undefined {
  const read = files.lifecycle(path);
  return read?.ok === true ? read.lifecycle : undefined;
}

interface Attempt {
  readonly objects: readonly RenderedObject[];
  readonly problems: readonly Problem[];
}

function attempt(file: string, render: () => readonly RenderedObject[]): Attempt {
  try {
    return { objects: render(), problems: [] };
  } catch (error) {
    return { objects: [], problems: renderProblems(file, error) };
  }
}

function planBefore(plan: Plan): PlanBefore {
  const { lifecycle, plan: kind, digest, blue, green, serves }: PlanView = viewOf(plan, [], { verdict: undefined });
  return {
    lifecycle,
    plan: kind,
    digest,
    blue,
    ...(green && { green }),
    serves,
    ...(requestOf(plan) && { request: approvalDigest(stepRequest(plan)) }),
  };
}

/** Every plan has Jobs and accounts of its own; what is left is what people know by name. */
const ASIDE: readonly string[] = ['Job', 'Role', 'RoleBinding', 'ServiceAccount'];

function difference(old: Attempt | undefined, now: Attempt | undefined): FileReview['objects'] {
  if (old?.problems.length || now?.problems.length) return NOTHING.objects;
  const names = (attempted: Attempt | undefined): readonly string[] =>
    (attempted?.objects ?? [])
      .filter(({ object }) => !ASIDE.includes(object.kind))
      .map(({ object }) => `${object.kind} ${object.metadata.name}`);
  const [before, after] = [names(old), names(now)];
  return { come: after.filter((each) => !before.includes(each)), go: before.filter((each) => !after.includes(each)) };
}
