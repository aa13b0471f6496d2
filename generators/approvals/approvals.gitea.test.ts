import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { newKey, publicPart } from '../../plugin/approval/keys.ts';
import type { PrivateKey } from '../../plugin/approval/key-schema.ts';
import { readApproval } from '../../plugin/approval/read.ts';
import { parseLifecycle } from '../../plugin/lifecycle/parse.ts';
import { approvalDigest } from '../../plugin/plan/approval-digest.ts';
import { buildPlan, stepRequest, type Plan } from '../../plugin/plan/plan.ts';
import { client, createTeam, createToken, createUser, createWebhook, emailOf } from '../../test/lab/gitea/client.ts';
import { createRepository, type GiteaRepository, type Style } from '../../test/lab/gitea/repository.ts';
import { startGitea, type GiteaServer } from '../../test/lab/gitea/server.ts';
import { waitFor } from '../../test/lab/wait-for.ts';
import { configSchema, type RepositoryConfig } from '../config/schema.ts';
import type { ParameterSet } from '../parameter-set.ts';
import type { Approvals } from '../ports.ts';
import { createScm } from '../scm/create-scm.ts';
import type { RememberedScm } from '../scm/remembered.ts';
import { createApprovals } from './approvals.ts';
import { gitHistory } from './testing/git-history.ts';
import { AT_REST, restoring, restoringBeside } from './testing/requests.ts';

/** Reviews, merges and pushes on a real server, and what they come to. */
jest.setTimeout(120_000);

const FILE = 'shop/lifecycle.yaml';
const ORG = 'shop';
const PEOPLE = ['alice', 'bob', 'carol', 'dave', 'erin', 'mallory', 'generator'] as const;

let server: GiteaServer;
let key: PrivateKey;
let dba: number;
let token = '';
const worlds: World[] = [];

beforeAll(async () => {
  key = await newKey();
  server = await startGitea();
  const admin = client(server);
  for (const login of PEOPLE) await createUser(admin, login);
  await admin.orgs.orgCreate({ username: ORG });
  dba = await createTeam(admin, ORG, 'dba');
  const writers = await createTeam(admin, ORG, 'writers');
  for (const login of PEOPLE) await admin.teams.orgAddTeamMember(writers, login);
  for (const login of ['alice', 'carol', 'dave', 'erin']) await admin.teams.orgAddTeamMember(dba, login);
  // Whoever is no owner is told of no team but his own.
  const { data: teams } = await admin.orgs.orgListTeams(ORG);
  await admin.teams.orgAddTeamMember(teams.find(({ name }) => name === 'Owners')?.id ?? 0, 'generator');
  token = await createToken(server, 'generator');
}, 900_000);

afterAll(async () => {
  for (const world of worlds) world.repository.remove();
  await server.stop();
});

interface World {
  readonly repository: GiteaRepository;
  readonly scm: RememberedScm;
  /** Of the file at the branch's head, asked anew. */
  readonly approval: (path?: string, now?: Date) => Promise<ParameterSet['approval']>;
}

const planOf = (text: string): Plan => {
  const parsed = parseLifecycle(new TextEncoder().encode(text), FILE);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return buildPlan(parsed.lifecycle);
};

let number = 0;
async function world(quorum = 1, files: Readonly<Record<string, string>> = { [FILE]: AT_REST }): Promise<World> {
  number += 1;
  const repository = await createRepository(server, ORG, `deploy${number}`, files);
  const { config, of } = configFor(repository, quorum);
  let at = new Date();
  const now = (): Date => at;
  const scm = createScm({
    kind: 'gitea',
    api: server.url,
    project: repository.project,
    noReplyDomain: 'noreply.gitea.test',
    token: () => token,
    now,
    sleep: (milliseconds) => delay(milliseconds),
  });
  const approvals: Approvals = createApprovals({ config, key: () => key, scm: () => scm, now });
  const made: World = {
    repository,
    scm,
    async approval(path = FILE, when = new Date()) {
      at = when;
      scm.forget();
      const text = await repository.git('show', `main:${path}`);
      return approvals.approvalOf({
        repository: of,
        branch: 'main',
        path,
        namespace: path.split('/')[0] ?? '',
        plan: planOf(`${text}\n`),
        history: gitHistory(repository.folder, 'main', repository.url),
      });
    },
  };
  worlds.push(made);
  return made;
}

function configFor(
  { url, project }: GiteaRepository,
  quorum: number,
): { readonly config: ReturnType<typeof configSchema.parse>['approvals']; readonly of: RepositoryConfig } {
  const config = configSchema.parse({
    apiVersion: 'lifecycle.bestie.com/v1alpha1',
    kind: 'GeneratorConfiguration',
    token: { env: 'TOKEN' },
    repositories: [
      { url, cluster: 'lab', allowHttp: true, scm: { kind: 'gitea', api: server.url, project, token: { env: 'T' } } },
    ],
    approvals: { key: { env: 'KEY' }, policies: [{ quorum, approvers: { users: ['bob'], teams: [`${ORG}/dba`] } }] },
  });
  const [of] = config.repositories;
  if (!of) throw new Error('no repository');
  return { config: config.approvals, of };
}

interface Request {
  readonly by?: string;
  readonly branch?: string;
  readonly files?: Readonly<Record<string, string | null>>;
  readonly message?: string;
  readonly email?: string;
}

/** A branch of main with one commit, as a pull request. */
async function request({ repository }: World, options: Request = {}): Promise<number> {
  const { by = 'bob', branch = 'restore', files = { [FILE]: restoring('r1') }, ...more } = options;
  await repository.git('checkout', '-q', '-B', branch, 'main');
  await repository.commit(by, { files, ...more });
  await repository.push(by, '--force');
  return repository.pullRequest(by, branch);
}

/** One more commit on the branch that is checked out. */
async function pushed({ repository }: World, number: number, by: string, message: string): Promise<void> {
  const head = await repository.commit(by, { files: { [`notes/${message}`]: message }, message });
  await repository.push(by);
  await repository.seen(number, head);
}

describe('a request is given', () => {
  it.each<Style>(['merge', 'squash', 'rebase', 'rebase-merge'])(
    'when it is approved on the final head, by %s',
    async (style) => {
      const it = await world();
      const pull = await request(it);
      await pushed(it, pull, 'bob', 'more');
      await it.repository.review(pull, 'alice', 'APPROVED');
      await it.repository.merge(pull, style);
      const { state, token: signed, message } = await it.approval();
      expect([state, message]).toEqual([
        'given',
        expect.stringContaining(`approved by alice in ${it.repository.project}#${pull}`),
      ]);
      const { claims } = await readApproval(signed, [publicPart(key)]);
      expect(claims).toMatchObject({
        aud: 'lab',
        sub: 'shop/bestie',
        request: approvalDigest(stepRequest(planOf(restoring('r1')))),
        approvers: ['alice'],
        pullRequest: `${it.repository.project}#${pull}`,
      });
      expect(claims.exp - claims.iat).toBe(86_400);
    },
  );

  it('as the same token whenever it is asked for, and whatever the branch gets besides', async () => {
    const it = await world();
    const pull = await request(it);
    await it.repository.review(pull, 'alice', 'APPROVED');
    await it.repository.merge(pull);
    const { token: first } = await it.approval();
    await it.repository.commit('mallory', { files: { 'notes/x': 'x' } });
    await it.repository.push('root');
    expect((await it.approval(FILE, new Date(Date.now() + 3600_000))).token).toBe(first);
  });

  it('as long as it is asked for, past its end too: nothing begins on it then', async () => {
    const it = await world();
    const pull = await request(it);
    await it.repository.review(pull, 'alice', 'APPROVED');
    await it.repository.merge(pull);
    const { token: first } = await it.approval();
    const later = await it.approval(FILE, new Date(Date.now() + 48 * 3600_000));
    expect([later.state, later.token, later.message]).toEqual(['given', first, expect.stringContaining('ran out')]);
  });

  it('by as many as the policy wants', async () => {
    const it = await world(2);
    const pull = await request(it);
    await it.repository.review(pull, 'alice', 'APPROVED');
    await it.repository.merge(pull);
    expect(await it.approval()).toMatchObject({
      state: 'missing',
      message: expect.stringContaining('1 of 2 approvals, by alice'),
    });
  });

  it('for both files of one pull request, by one set of reviews', async () => {
    const second = 'market/lifecycle.yaml';
    const it = await world(2, { [FILE]: AT_REST, [second]: AT_REST });
    const pull = await request(it, { files: { [FILE]: restoring('r1'), [second]: restoring('r2') } });
    await it.repository.review(pull, 'alice', 'APPROVED');
    await it.repository.review(pull, 'dave', 'APPROVED');
    await it.repository.merge(pull);
    const [one, other] = [await it.approval(FILE), await it.approval(second)];
    expect([one.state, other.state]).toEqual(['given', 'given']);
    expect(one.token).not.toBe(other.token);
  });

  it('for what stands beside, while the switch to it is not approved', async () => {
    const it = await world();
    const first = await request(it, { files: { [FILE]: restoringBeside('r1', 'Prepare') } });
    await it.repository.review(first, 'alice', 'APPROVED');
    await it.repository.merge(first);
    const beside = await it.approval();
    expect(beside.state).toBe('given');
    const second = await request(it, { branch: 'switch', files: { [FILE]: restoringBeside('r1', 'Switch') } });
    await it.repository.merge(second);
    expect(await it.approval()).toMatchObject({ state: 'missing', token: beside.token });
    // And back: what was approved for Prepare counts on.
    const third = await request(it, { branch: 'back', files: { [FILE]: restoringBeside('r1', 'Prepare') } });
    await it.repository.merge(third);
    expect(await it.approval()).toEqual(beside);
  });
});

describe('a request is not given', () => {
  const expectMissing = async (it: World, ...texts: readonly string[]): Promise<void> => {
    const { state, token: signed, message } = await it.approval();
    expect([state, signed]).toEqual(['missing', '']);
    for (const text of texts) expect(message).toContain(text);
  };

  it('when it was merged without an approval', async () => {
    const it = await world();
    await it.repository.merge(await request(it));
    await expectMissing(it, '0 of 1 approvals', '@shop/dba may approve');
  });

  it('by the author of one of its commits', async () => {
    const it = await world();
    const pull = await request(it, { by: 'mallory' });
    await pushed(it, pull, 'alice', 'more');
    await it.repository.review(pull, 'alice', 'APPROVED');
    await it.repository.merge(pull);
    await expectMissing(it, 'alice is an author of a commit in it');
  });

  it('by whoever opened it: the host does not even let him', async () => {
    const it = await world();
    const pull = await request(it, { by: 'bob' });
    await expect(it.repository.review(pull, 'bob', 'APPROVED')).rejects.toMatchObject({ status: 422 });
    await it.repository.merge(pull);
    await expectMissing(it, '0 of 1 approvals');
  });

  it('by a co-author, as a trailer names him', async () => {
    const it = await world();
    const message = `Restore\n\nco-authored-BY: Carol <${emailOf('carol').toUpperCase()}>\nCo-authored-by: D <dave@noreply.gitea.test>`;
    const pull = await request(it, { message });
    await client(server, 'carol').user.updateUserSettings({ hide_email: false });
    await it.repository.review(pull, 'carol', 'APPROVED');
    await it.repository.review(pull, 'dave', 'APPROVED');
    await it.repository.merge(pull);
    await expectMissing(it, 'carol is an author of a commit in it', 'dave is an author of a commit in it');
  });

  it('where nobody can tell who wrote it', async () => {
    const it = await world();
    const pull = await request(it, { email: 'private@elsewhere.test' });
    await it.repository.review(pull, 'alice', 'APPROVED');
    await it.repository.merge(pull);
    expect(await it.approval()).toMatchObject({
      state: 'refused',
      token: '',
      message: expect.stringContaining('"bob"'),
    });
  });

  it('by somebody whom the policy does not name', async () => {
    const it = await world();
    const pull = await request(it);
    await it.repository.review(pull, 'mallory', 'APPROVED');
    await it.repository.merge(pull);
    await expectMissing(it, 'mallory may not approve this request');
  });

  it('by two others on an older head', async () => {
    const it = await world(2);
    const pull = await request(it);
    await it.repository.review(pull, 'alice', 'APPROVED');
    await it.repository.review(pull, 'dave', 'APPROVED');
    await pushed(it, pull, 'bob', 'after');
    await it.repository.merge(pull);
    await expectMissing(it, 'alice approved an older state', 'dave approved an older state');
  });

  it('when its branch was rewritten after the approval, to the same content too', async () => {
    const it = await world();
    const pull = await request(it);
    await it.repository.review(pull, 'alice', 'APPROVED');
    const { git } = it.repository;
    await git('-c', 'user.name=bob', '-c', `user.email=${emailOf('bob')}`, 'commit', '-q', '--amend', '-m', 'Again');
    await it.repository.push('bob', '--force');
    await it.repository.seen(pull, await git('rev-parse', 'HEAD'));
    await it.repository.merge(pull);
    await expectMissing(it, 'alice approved an older state');
  });

  it('after a review was dismissed', async () => {
    const it = await world();
    const pull = await request(it);
    await it.repository.dismiss(pull, await it.repository.review(pull, 'alice', 'APPROVED'));
    await it.repository.merge(pull);
    await expectMissing(it, 'alice had the review dismissed');
  });

  it('after its approver asked for changes, whatever he comments', async () => {
    const it = await world();
    const pull = await request(it);
    await it.repository.review(pull, 'alice', 'APPROVED');
    await it.repository.review(pull, 'alice', 'REQUEST_CHANGES');
    await it.repository.review(pull, 'alice', 'COMMENT');
    await it.repository.merge(pull);
    await expectMissing(it, 'alice asks for changes');
  });

  it('after the merge: this host takes no approval then, and a new pull request is the way', async () => {
    const it = await world();
    const pull = await request(it);
    await it.repository.merge(pull);
    await expect(it.repository.review(pull, 'alice', 'APPROVED')).rejects.toMatchObject({ status: 422 });
    await expectMissing(it, '0 of 1 approvals');
  });

  it('by a direct push, whatever pull request comes after it', async () => {
    const it = await world();
    const head = await it.repository.commit('root', { files: { [FILE]: restoring('r1') } });
    await it.repository.push('root');
    await expectMissing(it, `commit ${head.slice(0, 7)}`, 'without a pull request');
    for (const style of ['merge', 'rebase', 'squash'] as const) {
      const pull = await request(it, { branch: style, files: { [`notes/${style}`]: 'x' } });
      await it.repository.review(pull, 'alice', 'APPROVED');
      await it.repository.merge(pull, style);
      await expectMissing(it, `commit ${head.slice(0, 7)}`, 'is no part of');
    }
  });

  it('when it comes back after a revert, until that is approved', async () => {
    const it = await world();
    const first = await request(it);
    await it.repository.review(first, 'alice', 'APPROVED');
    await it.repository.merge(first);
    expect(await it.approval()).toMatchObject({ state: 'given' });
    await it.repository.merge(await request(it, { branch: 'revert', files: { [FILE]: AT_REST } }));
    expect((await it.approval()).state).toBe('not needed');
    const again = await request(it, { branch: 'again' });
    await it.repository.merge(again);
    await expectMissing(it, `#${again} has 0 of 1 approvals`);
    await it.repository.merge(await request(it, { branch: 'revert', files: { [FILE]: AT_REST } }));
    const third = await request(it, { branch: 'third' });
    await it.repository.review(third, 'dave', 'APPROVED');
    await it.repository.merge(third);
    expect(await it.approval()).toMatchObject({
      state: 'given',
      message: expect.stringContaining(`dave in ${it.repository.project}#${third}`),
    });
  });

  it('by the reviews of a second pull request of the same id: the first brought it in', async () => {
    const it = await world();
    const first = await request(it);
    await it.repository.git('checkout', '-q', '-B', 'second', 'main');
    await it.repository.commit('bob', { files: { [FILE]: restoring('r1'), 'notes/x': 'x' } });
    await it.repository.push('bob');
    const second = await it.repository.pullRequest('bob', 'second');
    await it.repository.review(second, 'alice', 'APPROVED');
    await it.repository.merge(first);
    await it.repository.merge(second);
    await expectMissing(it, `#${first} has 0 of 1 approvals`);
  });

  it('of another target under the same id', async () => {
    const it = await world();
    const first = await request(it);
    await it.repository.review(first, 'alice', 'APPROVED');
    await it.repository.merge(first);
    const changed = restoring('r1').replace('10:00:00Z', '11:00:00Z');
    const second = await request(it, { branch: 'second', files: { [FILE]: changed } });
    await it.repository.merge(second);
    await expectMissing(it, `#${second} has 0 of 1 approvals`);
  });

  it('once its approver has left the team, until it ran out: then it stays what it was', async () => {
    const it = await world();
    const pull = await request(it);
    await it.repository.review(pull, 'erin', 'APPROVED');
    await it.repository.merge(pull);
    const { token: signed } = await it.approval();
    const admin = client(server);
    await admin.teams.orgRemoveTeamMember(dba, 'erin');
    await expectMissing(it, 'erin may not approve this request');
    const later = await it.approval(FILE, new Date(Date.now() + 48 * 3600_000));
    expect([later.state, later.token]).toEqual(['given', signed]);
    await admin.teams.orgAddTeamMember(dba, 'erin');
  });

  it('when the branch was rewritten, so that the pull request is none of its own any more', async () => {
    const it = await world();
    const pull = await request(it);
    await it.repository.review(pull, 'alice', 'APPROVED');
    await it.repository.merge(pull);
    const { git } = it.repository;
    await git('checkout', '-q', '--orphan', 'fresh');
    await it.repository.commit('root', { files: { [FILE]: restoring('r1') } });
    await git('branch', '-q', '-M', 'fresh', 'main');
    await it.repository.push('root', '--force');
    await expectMissing(it, 'without a pull request');
  });

  it('by reviews of what a branch got after the merge', async () => {
    const it = await world();
    const pull = await request(it);
    await it.repository.review(pull, 'alice', 'APPROVED');
    const approved = await it.repository.git('rev-parse', 'HEAD');
    await it.repository.merge(pull);
    await it.repository.git('checkout', '-q', 'restore');
    await it.repository.commit('bob', { files: { [FILE]: restoring('r9') } });
    await it.repository.push('bob');
    await it.repository.git('checkout', '-q', 'main');
    expect((await it.scm.pullRequest(pull))?.head).toBe(approved);
    expect(await it.approval()).toMatchObject({ state: 'given' });
  });
});

describe('what is said on a pull request', () => {
  it('is one comment, edited in place, and nobody else’s', async () => {
    const it = await world();
    const pull = await request(it);
    const marker = '<!-- lifecycle-plan -->';
    const [org = '', name = ''] = it.repository.project.split('/');
    await client(server, 'mallory').repos.issueCreateComment(org, name, pull, { body: `${marker} mine` });
    await it.scm.upsertComment(pull, marker, `${marker}\none`);
    await it.scm.upsertComment(pull, marker, `${marker}\ntwo`);
    const { data } = await client(server).repos.issueGetComments(org, name, pull);
    expect(data.map(({ user, body }) => [user?.login, body])).toEqual([
      ['mallory', `${marker} mine`],
      ['generator', `${marker}\ntwo`],
    ]);
  });

  it('is a commit status, and what it changes is known', async () => {
    const it = await world();
    const pull = await request(it);
    const head = await it.repository.git('rev-parse', 'HEAD');
    await it.scm.setStatus(head, { context: 'lifecycle', state: 'pending', description: '0 of 1' });
    await it.scm.setStatus(head, { context: 'lifecycle', state: 'success', description: '1 of 1' });
    const [org = '', name = ''] = it.repository.project.split('/');
    const { data } = await client(server).repos.repoGetCombinedStatusByRef(org, name, head);
    expect(data).toMatchObject({ state: 'success', statuses: [{ context: 'lifecycle', description: '1 of 1' }] });
    expect(await it.scm.openPullRequests()).toEqual([pull]);
    expect(await it.scm.changedFiles(pull)).toEqual([FILE]);
    expect(await it.scm.fileAt('main', FILE)).toEqual(new TextEncoder().encode(AT_REST));
    expect(await it.scm.fileAt('main', 'no/such file?')).toBeUndefined();
    expect(await it.scm.teamMembers('shop/none')).toBeUndefined();
    expect(await it.scm.pullRequest(999)).toBeUndefined();
  });
});

it('is told by webhooks, signed, of reviews and merges too', async () => {
  const it = await world();
  const received: { readonly event: unknown; readonly isSigned: boolean }[] = [];
  const listener = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const hmac = createHmac('sha256', 'a-secret').update(Buffer.concat(chunks)).digest('hex');
      const { 'x-gitea-event-type': event, 'x-gitea-signature': signature } = request.headers;
      received.push({ event, isSigned: signature === hmac });
      response.end();
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  try {
    const [org = '', name = ''] = it.repository.project.split('/');
    const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/`;
    await createWebhook(client(server), [org, name], { url, secret: 'a-secret' });
    const pull = await request(it);
    await it.repository.review(pull, 'alice', 'APPROVED');
    await it.repository.merge(pull);
    const told = (): readonly unknown[] => received.map(({ event }) => event);
    const wanted = ['push', 'pull_request', 'pull_request_review_approved'];
    const isTold = (): Promise<boolean> => Promise.resolve(wanted.every((event) => told().includes(event)));
    await waitFor(isTold, { what: 'every event', timeoutSeconds: 30 });
    expect(received.every(({ isSigned }) => isSigned)).toBe(true);
  } finally {
    listener.close();
  }
});

it('is not known while the host is down, and what was given a short while ago stands in', async () => {
  const it = await world();
  const pull = await request(it);
  await it.repository.review(pull, 'alice', 'APPROVED');
  await it.repository.merge(pull);
  const given = await it.approval();
  await server.kill();
  try {
    expect(await it.approval()).toEqual(given);
    await expect(it.approval(FILE, new Date(Date.now() + 11 * 60_000))).rejects.toMatchObject({
      code: 'generator-scm-unreachable',
    });
  } finally {
    await server.start();
  }
  expect(await it.approval()).toEqual(given);
});
