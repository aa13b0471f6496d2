import type { PrivateKey } from '../../plugin/approval/key-schema.ts';
import { requestOf } from '../../plugin/plan/approved.ts';
import type { ApprovalPolicy, ApprovalsConfig, RepositoryConfig } from '../config/schema.ts';
import type { StandingAsked } from '../ports.ts';
import type { Scm } from '../scm/port.ts';
import type { RememberedScm } from '../scm/remembered.ts';
import { CODE_OWNERS_FILES } from './code-owners.ts';
import { policyFor, secondsOf } from './policy.ts';

export interface ApprovalsOptions {
  /** Undefined: nothing can be approved through the generator. */
  readonly config: ApprovalsConfig | undefined;
  /** Read at every signature, so that it can be exchanged. */
  readonly key: () => PrivateKey;
  /** Undefined where no source host is configured for the repository. */
  readonly scm: (repository: RepositoryConfig) => RememberedScm | undefined;
  readonly now: () => Date;
}

/** Whom is asked about a request, and by which rules. */
export interface Rules {
  readonly scm: Scm;
  readonly policy: ApprovalPolicy;
  readonly validSeconds: number;
}

/** @returns why nobody can approve it, where that is so. */
export function rulesFor(
  { repository, path, namespace, plan }: Omit<StandingAsked, 'number'>,
  { config, scm: scmOf }: Pick<ApprovalsOptions, 'config' | 'scm'>,
): Rules | { readonly refused: string } {
  const request = requestOf(plan) ?? 'restore';
  const scm = scmOf(repository);
  if (!config) return { refused: 'the generator has no approvals configured' };
  if (!scm) return { refused: 'no source host is configured for the repository' };
  const policy = policyFor(config, { url: repository.url, path, namespace, request });
  if (!policy) return { refused: `no approval policy fits a ${request} of ${path} in ${namespace}` };
  if (policy.approvers.codeOwners && CODE_OWNERS_FILES[scm.kind].length === 0)
    return { refused: `code owners are not read at ${scm.kind}: name users or teams in the approval policy` };
  return { scm, policy, validSeconds: secondsOf(config.valid) };
}
