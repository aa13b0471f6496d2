import { giteaApi, type Api } from 'gitea-js';
import type { GiteaServer } from './server.ts';

export type GiteaClient = Api<unknown>;

/** Everybody's, of accounts that are made here. */
export const PASSWORD = 'a-password-of-the-lab-only';

/** The API as the administrator, or as somebody else with an administrator's rights to be him. */
export function client({ url, adminToken }: Pick<GiteaServer, 'url' | 'adminToken'>, as?: string): GiteaClient {
  return giteaApi(url, {
    token: adminToken,
    customFetch: (input, init) => {
      const headers = new Headers(init?.headers);
      if (as !== undefined) headers.set('Sudo', as);
      return fetch(input, { ...init, headers });
    },
  });
}

export const emailOf = (login: string): string => `${login}@people.test`;

export async function createUser(admin: GiteaClient, login: string): Promise<void> {
  await admin.admin.adminCreateUser({
    username: login,
    email: emailOf(login),
    password: PASSWORD,
    must_change_password: false,
  });
}

/** A token of an account with no more rights than docs/explanation/approvals.md says; it is asked for with the password. */
export async function createToken({ url }: Pick<GiteaServer, 'url'>, login: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/users/${login}/tokens`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Basic ${Buffer.from(`${login}:${PASSWORD}`).toString('base64')}`,
    },
    body: JSON.stringify({
      name: 'test',
      scopes: ['read:repository', 'write:issue', 'write:repository', 'read:organization', 'read:user'],
    }),
  });
  return ((await response.json()) as { sha1: string }).sha1;
}

/** A team of an organization that may write to all of its repositories. @returns its id */
export async function createTeam(admin: GiteaClient, org: string, name: string): Promise<number> {
  const { data } = await admin.orgs.orgCreateTeam(org, {
    name,
    permission: 'write',
    includes_all_repositories: true,
    can_create_org_repo: false,
    units_map: { 'repo.code': 'write', 'repo.pulls': 'write', 'repo.issues': 'write' },
  });
  if (data.id === undefined) throw new Error(`Gitea: the team ${name} has no id`);
  return data.id;
}

/** Tells this address of everything that happens in a repository, signed with the secret. */
export async function createWebhook(
  admin: GiteaClient,
  [owner, name]: readonly [string, string],
  { url, secret }: { readonly url: string; readonly secret: string },
): Promise<void> {
  await admin.repos.repoCreateHook(owner, name, {
    type: 'gitea',
    active: true,
    config: { url, secret, content_type: 'json' },
    events: [
      'push',
      'pull_request',
      'pull_request_sync',
      'pull_request_review_approved',
      'pull_request_review_rejected',
    ],
  });
}
