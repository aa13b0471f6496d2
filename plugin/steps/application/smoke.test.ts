import { expect, test } from '@jest/globals';
import type { Status } from '../../lifecycle/status.ts';
import { createSmoke } from './smoke.ts';
import { withDone } from '../ledger/step-records.ts';
import { addGreen, BLUE, DIGEST, GREEN, requestFor, SERVING, worldAtRest, type World } from '../testing/world.ts';

const now = new Date('2026-11-22T10:00:00Z');
const request = requestFor('Switch');
const migrated: Status = withDone(
  {
    serving: SERVING,
    decision: {
      digest: DIGEST,
      state: 'Fenced',
      attempt: 1,
      blue: BLUE.name,
      green: GREEN.name,
      openedAt: now.toISOString(),
    },
  },
  DIGEST,
  'migrate',
  now,
  {},
);

function greenWorld(status: Status = migrated): World {
  const world = worldAtRest(status);
  addGreen(world);
  return world;
}
const canary = (): Promise<{ canary: string }> => Promise.resolve({ canary: 'refused' });

test('scales green, waits for it, asks through its own Service, then writes', async () => {
  const world = greenWorld();
  const urls: string[] = [];
  const get = (url: string): Promise<number> => Promise.resolve(urls.push(url) === 1 ? 503 : 200);
  expect(await createSmoke(get, canary)(world.context(request))).toMatchObject({
    replicas: 3,
    status: 200,
    readySeconds: 1,
    canary: 'refused',
  });
  expect(urls).toEqual(['http://bestie2-service:80/', 'http://bestie2-service:80/']);
  expect(world.cluster.effects).toEqual([`scale ${GREEN.application} 3`]);
});

test('what an autoscaler has made of it within its bounds is left alone', async () => {
  const world = greenWorld();
  world.cluster.deployments.set(GREEN.application, { instance: GREEN.name, wanted: 5, ready: 5 });
  const scaled = requestFor('Switch', { application: { ...request.application, maxReplicas: 10 } });
  const evidence = await createSmoke(() => Promise.resolve(200), canary)(world.context(scaled));
  expect(evidence).toMatchObject({ replicas: 5 });
  expect(world.cluster.effects).toEqual([]);
});

test.each<[string, () => Promise<number>, RegExp]>([
  ['another status', () => Promise.resolve(500), /answer 500, expected 200/],
  ['no answer', () => Promise.reject(new Error('refused')), /answer none \(refused\), expected 200/],
])('%s within its bound is a failed smoke test', async (_name, get, text) => {
  const smoke = createSmoke(get, canary)(greenWorld().context(request));
  await expect(smoke).rejects.toMatchObject({ code: 'smoke-failed', message: expect.stringMatching(text) });
});

test.each<[string, Status, string]>([
  ['the migration is not recorded', { ...migrated, steps: [] }, 'step-out-of-order'],
  ['the window is not open', { serving: SERVING }, 'step-out-of-order'],
])('refuses when %s', async (_name, status, code) => {
  const world = greenWorld(status);
  const smoke = createSmoke(() => Promise.resolve(200), canary)(world.context(request));
  await expect(smoke).rejects.toMatchObject({ code });
  expect(world.cluster.effects).toEqual([]);
});

test('does not wait on when the keeper has aborted meanwhile', async () => {
  const world = greenWorld();
  world.clock.everySecond(() => {
    const { decision } = world.ledger.status;
    if (decision) world.ledger.write({ ...world.ledger.status, decision: { ...decision, state: 'Aborted' } });
  });
  const smoke = createSmoke(() => Promise.resolve(200), canary)(world.context(request));
  await expect(smoke).rejects.toMatchObject({ code: 'aborted' });
});

test('an application that does not become ready is named with what was seen', async () => {
  const world = greenWorld();
  world.clock.everySecond(() => {
    const green = world.cluster.deployments.get(GREEN.application);
    if (green) green.ready = 2;
  });
  const smoke = createSmoke(() => Promise.resolve(200), canary)(world.context(request));
  await expect(smoke).rejects.toThrow('not-in-time: application bestie2-app: 2 of 3 ready, after 300 s');
});
