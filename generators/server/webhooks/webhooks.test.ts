import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { deliver } from '../testing/deliver.ts';
import { eventually, startWorld, type World } from '../testing/world.ts';
import type { ScmKind } from './signature.ts';

let world: World;
let changed: string[] = [];
beforeEach(async () => {
  world = await startWorld();
  changed = [];
  world.changed = ({ url }, number) => {
    changed.push(`${url} ${number}`);
    return Promise.resolve();
  };
});
afterEach(async () => {
  await world.close();
});

const answer = async (response: Response): Promise<readonly [number, string | undefined]> => {
  const { result, code } = (await response.json()) as { readonly result?: string; readonly code?: string };
  return [response.status, result ?? code];
};

const ofGitHub = (full_name = 'shop/deploy', more: object = {}) => ({ repository: { full_name }, ...more });
const ofGitLab = (path_with_namespace = 'shop/team/deploy', more: object = {}) => ({
  project: { path_with_namespace },
  ...more,
});
const PUSHES: readonly (readonly [ScmKind, string, object, string])[] = [
  ['github', 'push', ofGitHub(), 'https://github.com/shop/deploy.git'],
  ['github', 'delete', ofGitHub(), 'https://github.com/shop/deploy.git'],
  ['gitea', 'push', ofGitHub(), 'https://git.example.com/shop/deploy.git'],
  ['gitea', 'create', ofGitHub(), 'https://git.example.com/shop/deploy.git'],
  ['gitlab', 'Push Hook', ofGitLab(), 'https://gitlab.com/shop/team/deploy.git'],
];
const pullRequest = (number: number) => ofGitHub('shop/deploy', { pull_request: { number } });
const CHANGES: readonly (readonly [ScmKind, string, object, string])[] = [
  ['github', 'pull_request', pullRequest(7), 'https://github.com/shop/deploy.git 7'],
  ['github', 'pull_request_review', pullRequest(7), 'https://github.com/shop/deploy.git 7'],
  ['gitea', 'pull_request', pullRequest(7), 'https://git.example.com/shop/deploy.git 7'],
  ['gitea', 'pull_request_approved', pullRequest(7), 'https://git.example.com/shop/deploy.git 7'],
  ['gitea', 'pull_request_rejected', pullRequest(7), 'https://git.example.com/shop/deploy.git 7'],
  [
    'gitlab',
    'Merge Request Hook',
    ofGitLab('shop/team/deploy', { object_attributes: { iid: 7 } }),
    'https://gitlab.com/shop/team/deploy.git 7',
  ],
];

describe('a delivery', () => {
  test.each(PUSHES)('of %s about %s lets the repository be fetched', async (kind, event, payload, url) => {
    expect(await answer(await deliver(world, { kind, event, payload }))).toEqual([202, 'push']);
    expect(world.pushed).toEqual([url]);
  });

  test.each(CHANGES)('of %s about %s lets the pull request be looked at', async (kind, event, payload, expected) => {
    expect(await answer(await deliver(world, { kind, event, payload }))).toEqual([202, 'pull-request']);
    await eventually(() => changed.length > 0);
    expect(changed).toEqual([expected]);
  });

  test.each(['github', 'gitlab', 'gitea'] as const)('of %s without the secret does nothing', async (kind) => {
    const event = kind === 'gitlab' ? 'Push Hook' : 'push';
    const payload = kind === 'gitlab' ? ofGitLab() : ofGitHub();
    const wrong = [
      await deliver(world, { kind, event, payload, secret: 'another secret' }),
      await deliver(world, { kind, event, payload, headers: { [`x-${kind}-event`]: event } }),
      await deliver(world, {
        kind,
        event,
        payload,
        headers: { 'x-hub-signature-256': 'sha256=', 'x-gitlab-token': '' },
      }),
    ];
    for (const each of wrong) expect(await answer(each)).toEqual([401, 'generator-webhook-refused']);
    expect(world.pushed).toEqual([]);
  });

  test('with the secret of one repository speaks for no other', async () => {
    const secret = 'the-secret-of-another-webhook';
    const event = 'push';
    const forged = await deliver(world, { kind: 'github', event, payload: ofGitHub(), secret });
    expect(await answer(forged)).toEqual([202, 'ignored']);
    await deliver(world, { kind: 'github', event, payload: ofGitHub('other/deploy'), secret });
    expect(world.pushed).toEqual(['https://github.com/other/deploy.git']);
  });

  test('that was signed for one source host is none of another', async () => {
    const signed = await deliver(world, { kind: 'gitea', event: 'push', payload: ofGitHub() });
    expect(signed.status).toBe(202);
    const headers = { 'x-gitea-event': 'push', 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` };
    const replayed = await deliver(world, { kind: 'gitea', event: 'push', payload: ofGitHub(), headers });
    expect(replayed.status).toBe(401);
  });

  test('names its project only: no address of it is asked', async () => {
    const payload = {
      repository: { full_name: 'evil/deploy', clone_url: 'https://git.example.com/shop/deploy.git', url: world.url },
    };
    expect(await answer(await deliver(world, { kind: 'github', event: 'push', payload }))).toEqual([202, 'ignored']);
    expect(world.pushed).toEqual([]);
  });

  test.each(['ping', 'issues', 'star', 'x'.repeat(500)])('about %s is taken and ignored', async (event) => {
    expect(await answer(await deliver(world, { kind: 'github', event, payload: '{}' }))).toEqual([202, 'ignored']);
  });

  test.each<readonly [string, unknown]>([
    ['no JSON', '{'],
    ['too deep', '['.repeat(1000)],
    ['no project', {}],
    ['a project that is no text', { repository: { full_name: 7 } }],
    ['no number', ofGitHub()],
    ['a number that is none', ofGitHub('shop/deploy', { pull_request: { number: '7; rm' } })],
    ['a number below 1', ofGitHub('shop/deploy', { pull_request: { number: 0 } })],
  ])('that is signed, and is %s, is a bad request', async (_, payload) => {
    const response = await deliver(world, { kind: 'github', event: 'pull_request', payload });
    expect(await answer(response)).toEqual([400, 'generator-bad-request']);
    expect(changed).toEqual([]);
  });

  test('that is larger than any is refused before it is read', async () => {
    const payload = 'x'.repeat(2 * 1024 * 1024 + 1);
    const response = await deliver(world, { kind: 'github', event: 'push', payload });
    expect(await answer(response)).toEqual([413, 'generator-request-too-large']);
  });

  test('to a source host that nothing is configured of is refused', async () => {
    expect((await fetch(`${world.url}/webhooks/bitbucket`, { method: 'POST', body: '{}' })).status).toBe(404);
  });

  test('that is replayed does nothing again, under whatever id', async () => {
    const delivery = { kind: 'github', event: 'push', payload: ofGitHub() } as const;
    await deliver(world, delivery);
    expect(await answer(await deliver(world, { ...delivery, id: '2' }))).toEqual([202, 'seen']);
    expect(world.pushed).toHaveLength(1);
  });

  test('that could not be handled may be delivered again', async () => {
    const delivery = { kind: 'github', event: 'pull_request', payload: pullRequest(7) } as const;
    let failures = 0;
    world.changed = () => {
      failures += 1;
      return Promise.reject(new Error(`the source host is down, for ${world.env['SCM'] ?? ''}`));
    };
    await deliver(world, delivery);
    await eventually(() => world.logged.some((line) => line.includes('the source host is down')));
    expect(await answer(await deliver(world, delivery))).toEqual([202, 'pull-request']);
    await eventually(() => failures === 2);
    expect(world.logged.join('')).toContain('"pullRequest":7');
  });
});

test('the secret of a webhook rotates without a restart, and one that is gone hinders no other', async () => {
  world.env['WEBHOOK'] = 'rotated';
  delete world.env['OTHER'];
  const delivery = { kind: 'github', event: 'push', payload: ofGitHub() } as const;
  expect((await deliver(world, delivery)).status).toBe(401);
  expect((await deliver(world, { ...delivery, secret: 'rotated' })).status).toBe(202);
});
