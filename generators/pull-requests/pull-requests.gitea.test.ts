import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { newKey } from '../../plugin/approval/keys.ts';
import { byBuiltIns } from '../../plugin/commands/by-built-ins.ts';
import { runLifecycle } from '../../test/golden/lifecycle-command.ts';
import {
  client,
  createTeam,
  createToken,
  createUser,
  createWebhook,
  type GiteaClient,
} from '../../test/lab/gitea/client.ts';
import { createRepository, type GiteaRepository } from '../../test/lab/gitea/repository.ts';
import { startGitea, type GiteaServer } from '../../test/lab/gitea/server.ts';
import { waitFor } from '../../test/lab/wait-for.ts';
import { createApprovals } from '../approvals/approvals.ts';
import { AT_REST, restoring } from '../approvals/testing/requests.ts';
import { configSchema, type Config } from '../config/schema.ts';
import { createSecrets } from '../config/secrets.ts';
import { createInventory } from '../lifecycles/inventory.ts';
import { namespaceOf } from '../lifecycles/namespace.ts';
import { createLog } from '../log.ts';
import { createScm } from '../scm/create-scm.ts';
import { createApp } from '../server/app.ts';
import { BOUNDS, listen } from '../server/listen.ts';
import { pageTemplate } from '../server/page/template.ts';
import { MARKER } from './comment.ts';
import { createPullRequests } from './pull-requests.ts';

/** From the webhook of a real server to its comment: two replicas, which are both told of everything. */
jest.setTimeout(180_000);

const FILE = 'shop/lifecycle.yaml';
const SECRET = 'the-secret-of-the-webhook';
let server: GiteaServer;
let admin: GiteaClient;
let repository: GiteaRepository;
const ends: (() => Promise<void>)[] = [];
const logged: string[] = [];

beforeAll(async () => {
  server = await startGitea();
  ends.push(server.stop);
  admin = client(server);
  for (const login of ['alice', 'bob', 'carol', 'generator']) await createUser(admin, login);
  await admin.orgs.orgCreate({ username: 'shop' });
  const team = await createTeam(admin, 'shop', 'dba');
  for (const login of ['alice', 'bob', 'carol']) await admin.teams.orgAddTeamMember(team, login);
  const { data: teams } = await admin.orgs.orgListTeams('shop');
  await admin.teams.orgAddTeamMember(teams.find(({ name }) => name === 'Owners')?.id ?? 0, 'generator');
  repository = await createRepository(server, 'shop', 'deploy', { [FILE]: AT_REST });
  ends.push(() => {
    repository.remove();
    return Promise.resolve();
  });
  const token = await createToken(server, 'generator');
  for (let count = 0; count < 2; count += 1)
    await createWebhook(admin, ['shop', 'deploy'], { url: `${await replica(token)}/webhooks/gitea`, secret: SECRET });
}, 900_000);

afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

const config = (): Config =>
  configSchema.parse({
    apiVersion: 'lifecycle.bestie.com/v1alpha1',
    kind: 'GeneratorConfiguration',
    token: { env: 'TOKEN' },
    repositories: [
      {
        url: repository.url,
        cluster: 'lab',
        allowHttp: true,
        scm: {
          kind: 'gitea',
          api: server.url,
          project: repository.project,
          token: { env: 'SCM' },
          webhookSecret: { env: 'WEBHOOK' },
        },
      },
    ],
    approvals: { key: { env: 'KEY' }, policies: [{ quorum: 2, approvers: { teams: ['shop/dba'] } }] },
  });

/** @returns where it listens */
async function replica(token: string): Promise<string> {
  const made = config();
  const key = await newKey();
  const env = { TOKEN: 'the-token-of-the-controller', SCM: token, WEBHOOK: SECRET, KEY: JSON.stringify(key) };
  const secrets = createSecrets({ env, readFile: () => Buffer.alloc(0) });
  const log = createLog((line) => void logged.push(line), secrets.scrub);
  const now = (): Date => new Date();
  const scm = createScm({
    ...{ kind: 'gitea', api: server.url, project: repository.project },
    ...{ token: () => token, now, sleep: (milliseconds: number) => delay(milliseconds) },
  });
  const approvals = createApprovals({ config: made.approvals, key: () => key, scm: () => scm, now });
  const folder = mkdtempSync(join(tmpdir(), 'pull-requests-'));
  const inventory = createInventory({
    ...{ config: made, approvals, clock: now, folder, log },
    readSecret: () => '',
    environment: { PATH: process.env['PATH'] },
  });
  const app = createApp({
    ...{ config: made, secrets, inventory, log, now, version: '0.0.0', ready: () => true, page: pageTemplate() },
    pullRequests: createPullRequests({
      trees: inventory.trees,
      scm: () => scm,
      approvals,
      namespaceOf,
      render: byBuiltIns(),
    }),
  });
  const listening = await listen(app.handler, 0, '127.0.0.1', BOUNDS);
  ends.push(async () => {
    await Promise.all([listening.close(AbortSignal.abort()), app.close(AbortSignal.abort())]);
    await inventory.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return `http://127.0.0.1:${listening.port}`;
}

const comments = async (number: number): Promise<readonly string[]> =>
  (await admin.repos.issueGetComments('shop', 'deploy', number)).data.flatMap(({ body = '' }) =>
    body.startsWith(MARKER) ? [body] : [],
  );

/** Until there is one comment and it says this. */
async function says(number: number, text: string): Promise<string> {
  const isSaid = async (): Promise<boolean> => {
    const [first = '', ...others] = await comments(number);
    return others.length === 0 && first.includes(text);
  };
  await waitFor(isSaid, { what: `${text}; ${logged.join('')}`, timeoutSeconds: 60, everyMilliseconds: 50 });
  return (await comments(number))[0] ?? '';
}

async function statuses(commit: string): Promise<Readonly<Record<string, string | undefined>>> {
  const { data } = await admin.repos.repoGetCombinedStatusByRef('shop', 'deploy', commit);
  return Object.fromEntries(
    (data.statuses ?? []).map(({ context = '', status }): [string, string | undefined] => [context, status]),
  );
}

test('a pull request is told what it does, who approved it, and that a push takes approvals away', async () => {
  await repository.git('checkout', '-q', '-b', 'restore');
  const first = await repository.commit('bob', { files: { [FILE]: restoring('r1') } });
  await repository.push('bob');
  const number = await repository.pullRequest('bob', 'restore');
  const opened = await says(number, '0 of 2 approvals');
  const printed = await runLifecycle('plugin/main.ts', ['plan', '--base', 'main', '-o', 'markdown'], {
    cwd: repository.folder,
  });
  expect(opened.startsWith(`${MARKER}\n${printed.stdout}`)).toBe(true);
  await waitFor(async () => Object.keys(await statuses(first)).length === 2, { what: 'statuses', timeoutSeconds: 60 });
  expect(await statuses(first)).toEqual({ lifecycle: 'success', 'lifecycle/approvals': 'pending' });

  await repository.review(number, 'alice', 'APPROVED');
  await says(number, 'Approved by `alice`');
  await repository.review(number, 'carol', 'APPROVED');
  await says(number, 'Approved by `alice`, `carol`');
  const isApproved = async (): Promise<boolean> => (await statuses(first))['lifecycle/approvals'] === 'success';
  await waitFor(isApproved, { what: 'approved', timeoutSeconds: 60 });

  const second = await repository.commit('bob', { files: { [FILE]: restoring('r2') } });
  await repository.push('bob');
  const pushed = await says(number, second.slice(0, 12));
  expect(pushed).toContain('0 of 2 approvals');
  expect(pushed).toContain('`alice` does not count: approved an older state of it');

  await repository.commit('bob', { files: { [FILE]: AT_REST, 'notes.md': 'x' } });
  await repository.push('bob');
  await says(number, 'no lifecycle file changes');
  expect(await comments(number)).toHaveLength(1);
});
