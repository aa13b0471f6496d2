import { setTimeout } from 'node:timers/promises';
import type { PrivateKey } from '../plugin/approval/key-schema.ts';
import { parsePrivateKey } from '../plugin/approval/keys.ts';
import { byBuiltIns } from '../plugin/commands/by-built-ins.ts';
import { LifecycleError } from '../plugin/errors/errors.ts';
import { createApprovals } from './approvals/approvals.ts';
import type { Config, RepositoryConfig } from './config/schema.ts';
import type { Secrets } from './config/secrets.ts';
import { createInventory } from './lifecycles/inventory.ts';
import { namespaceOf } from './lifecycles/namespace.ts';
import { createPullRequests } from './pull-requests/pull-requests.ts';
import { createScm } from './scm/create-scm.ts';
import type { RememberedScm } from './scm/remembered.ts';
import type { Parts, PartsOptions } from './serve.ts';

/** The rooms of the generator, joined. */
export function createParts({ config, secrets, log, mirrors, env, now }: PartsOptions): Parts {
  const scm = sourceHosts(config, secrets, now);
  const approvals = config.approvals
    ? createApprovals({ config: config.approvals, key: signingKey(config.approvals, secrets), scm, now })
    : undefined;
  const inventory = createInventory({
    ...{ config, approvals, log, clock: now, folder: mirrors, environment: env, readSecret: secrets.read },
  });
  const { trees, close } = inventory;
  const pullRequests = createPullRequests({ trees, scm, approvals, namespaceOf, render: byBuiltIns() });
  return { inventory, pullRequests, close };
}

function sourceHosts(
  { repositories }: Config,
  secrets: Secrets,
  now: () => Date,
): (repository: RepositoryConfig) => RememberedScm | undefined {
  const sleep = async (milliseconds: number): Promise<void> => {
    await setTimeout(milliseconds);
  };
  const hosts = new Map(
    repositories.flatMap(({ url, scm }) => {
      if (!scm) return [];
      const { kind, api, project, token, noReplyDomain } = scm;
      return [
        [url, createScm({ kind, api, project, noReplyDomain, token: () => secrets.read(token), now, sleep })] as const,
      ];
    }),
  );
  return ({ url }) => hosts.get(url);
}

/** Read at every signature, so that it can be exchanged. */
function signingKey({ key }: NonNullable<Config['approvals']>, secrets: Secrets): () => PrivateKey {
  return () => {
    const parsed = parsePrivateKey(secrets.read(key));
    if (parsed) return parsed;
    throw new LifecycleError('generator-config-invalid', 'approvals.key: what is there is no private key');
  };
}
