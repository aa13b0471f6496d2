import { github } from './github.ts';
import { gitlab } from './gitlab.ts';
import { gitea } from './gitea.ts';
import {
  FETCH_LIMITS,
  limitedFetch,
  patientFetch,
  PATIENCE,
  type FetchLimits,
  type Patience,
} from './limited-fetch.ts';
import { noReplyDomainOf } from './no-reply.ts';
import type { Scm } from './port.ts';
import { remembered, REMEMBER, type RememberedScm } from './remembered.ts';

export interface ScmOptions {
  readonly kind: Scm['kind'];
  readonly api: string;
  readonly project: string;
  /** Where it is not what it is by itself. */
  readonly noReplyDomain?: string | undefined;
  /** Read at every call. */
  readonly token: () => string;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly limits?: FetchLimits;
  readonly patience?: Patience;
}

/** A source host of the configuration: bounded in time and size, tried again where that helps, asked the same thing once in a while. */
export function createScm(options: ScmOptions): RememberedScm {
  const { kind, project, token, now, sleep, limits = FETCH_LIMITS, patience = PATIENCE } = options;
  const bounded = limitedFetch(limits);
  const api = options.api.replace(/\/+$/, '');
  const access = { api, project, token, noReplyDomain: options.noReplyDomain ?? noReplyDomainOf(kind, api) };
  const scm =
    kind === 'github'
      ? // Octokit's plugins are patient themselves: they know the rate limits of GitHub.
        github({ ...access, fetch: bounded }, patience)
      : { gitlab, gitea }[kind]({ ...access, fetch: patientFetch(bounded, patience, sleep) });
  return remembered(scm, { ...REMEMBER, now });
}
