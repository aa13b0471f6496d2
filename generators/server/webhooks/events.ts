import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { LifecycleError } from '../../../plugin/errors/errors.ts';
import type { ScmKind } from './signature.ts';

/** What a delivery says. */
export interface Told {
  /** As the source host names it, for the log. */
  readonly event: string;
  /** owner/name; undefined of events that are nothing to the generator. */
  readonly project: string | undefined;
  readonly about: 'push' | { readonly pullRequest: number } | undefined;
}

type About = 'push' | 'pull request';

/** Branches that come and go are pushes too. A review is a change of its pull request. */
const EVENTS: Readonly<Record<ScmKind, { readonly header: string; readonly about: ReadonlyMap<string, About> }>> = {
  github: {
    header: 'x-github-event',
    about: new Map([
      ...(['push', 'create', 'delete'] as const).map((event) => [event, 'push'] as const),
      ...(['pull_request', 'pull_request_review'] as const).map((event) => [event, 'pull request'] as const),
    ]),
  },
  gitlab: {
    header: 'x-gitlab-event',
    about: new Map([
      ['Push Hook', 'push'],
      ['Merge Request Hook', 'pull request'],
    ]),
  },
  gitea: {
    header: 'x-gitea-event',
    about: new Map([
      ...(['push', 'create', 'delete'] as const).map((event) => [event, 'push'] as const),
      ...(['pull_request', 'pull_request_approved', 'pull_request_rejected', 'pull_request_comment'] as const).map(
        (event) => [event, 'pull request'] as const,
      ),
    ]),
  },
};

const number = z.int().min(1).max(2_147_483_647);
const owned = z.object({ repository: z.object({ full_name: z.string().max(512) }) });
const inGroups = z.object({ project: z.object({ path_with_namespace: z.string().max(512) }) });
const pullRequest = z.object({ pull_request: z.object({ number }) });
const mergeRequest = z.object({ object_attributes: z.object({ iid: number }) });

export const eventOf = (kind: ScmKind, headers: IncomingHttpHeaders): string => {
  const event = headers[EVENTS[kind].header];
  return typeof event === 'string' && /^[\w ]{1,64}$/.test(event) ? event : 'unknown';
};

/**
 * Names and numbers of a delivery; nothing else of it is used, and no address that stands in it is asked.
 * @throws LifecycleError generator-bad-request
 */
export function readEvent(kind: ScmKind, event: string, body: unknown): Told {
  const about = EVENTS[kind].about.get(event);
  if (about === undefined) return { event, project: undefined, about: undefined };
  const project =
    kind === 'gitlab'
      ? inGroups.safeParse(body).data?.project.path_with_namespace
      : owned.safeParse(body).data?.repository.full_name;
  if (project === undefined) throw new LifecycleError('generator-bad-request', 'the delivery names no project');
  if (about === 'push') return { event, project, about };
  const changed =
    kind === 'gitlab'
      ? mergeRequest.safeParse(body).data?.object_attributes.iid
      : pullRequest.safeParse(body).data?.pull_request.number;
  if (changed === undefined) throw new LifecycleError('generator-bad-request', 'the delivery names no pull request');
  return { event, project, about: { pullRequest: changed } };
}
