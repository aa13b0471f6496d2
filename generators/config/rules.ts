import type { Draft } from './draft.ts';
import type { Finding } from './finding.ts';
import { checkApprovals } from './rules/approvals.ts';
import { checkRepositories } from './rules/repositories.ts';
import { checkSecrets } from './rules/secrets.ts';
import { checkTransport } from './rules/transport.ts';
import type { Secrets } from './secrets.ts';

/** What no schema can say: how the parts of a configuration fit, and whether what it names is there. */
export const checkRules = (draft: Draft, secrets: Secrets): readonly Finding[] => [
  ...checkRepositories(draft),
  ...checkTransport(draft),
  ...checkApprovals(draft),
  ...checkSecrets(draft, secrets),
];
