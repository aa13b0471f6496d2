import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { LifecycleError } from '../../../plugin/errors/errors.ts';
import { deliver } from '../testing/deliver.ts';
import { call, eventually, NOW, parameterSet, startWorld, type World } from '../testing/world.ts';
import { METRICS, type MetricRow } from './table.ts';

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(async () => {
  await world.close();
});

/** Samples of the generator's own metrics: `name{labels}` without the prefix → value. */
async function scraped(): Promise<Readonly<Record<string, number>>> {
  const text = await (await fetch(`${world.url}/metrics`)).text();
  const samples = [...text.matchAll(/^lifecycle_generator_(\S+(?:\{.*\})?) (\S+)$/gm)];
  return Object.fromEntries(samples.map(([, name = '', value]) => [name, Number(value)]));
}
const REPOSITORY = 'repository="https://git.example.com/shop/deploy.git"';

test('every metric of the table is there with its type, and none that is not in it', async () => {
  const text = await (await fetch(`${world.url}/metrics`)).text();
  const types = [...text.matchAll(/^# TYPE (lifecycle_generator_\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]);
  const rows: readonly MetricRow[] = Object.values(METRICS);
  expect(types.sort()).toEqual(rows.map(({ name, type }) => [name, type]).sort());
  expect(text).toContain('process_resident_memory_bytes');
});

test('calls are counted by what became of them, webhooks by what they said', async () => {
  await call(world);
  await call(world, '{');
  world.parameters = () => Promise.reject(new LifecycleError('generator-shrunk', 'x'));
  await call(world);
  const payload = { repository: { full_name: 'shop/deploy' }, pull_request: { number: 1 } };
  world.changed = () => Promise.reject(new Error('down'));
  await deliver(world, { kind: 'github', event: 'pull_request', payload });
  await deliver(world, { kind: 'github', event: 'push', payload, secret: 'wrong' });
  await eventually(() => world.logged.some((line) => line.includes('down')));
  await eventually(() => world.logged.length >= 6);
  expect(await scraped()).toMatchObject({
    'calls_total{route="parameters",code="ok"}': 1,
    'calls_total{route="parameters",code="generator-bad-request"}': 1,
    'calls_total{route="parameters",code="generator-shrunk"}': 1,
    'calls_total{route="webhook",code="generator-webhook-refused"}': 1,
    'call_seconds_count{route="parameters"}': 3,
    'webhooks_total{kind="github",result="pull-request"}': 1,
    'pull_requests_total{repository="https://github.com/shop/deploy.git",result="failed"}': 1,
  });
});

test('repositories are shown as the inventory sees them now', async () => {
  const approval = { state: 'missing', token: '', message: '' } as const;
  world.view = () => [
    {
      url: 'https://git.example.com/shop/deploy.git',
      fetchedAt: new Date(NOW.getTime() - 30_000),
      failure: 'generator-fetch-failed: x',
      fetches: { succeeded: 7, failed: 2 },
      revisions: [
        {
          revision: 'main',
          commit: 'c',
          files: [parameterSet(), parameterSet({ problem: 'x', approval })],
          lastGood: [{ path: 'a', commit: 'b', committedAt: new Date(NOW.getTime() - 3_600_000) }],
          problems: ['y'],
        },
      ],
    },
  ];
  expect(await scraped()).toMatchObject({
    [`fetches_total{${REPOSITORY},result="done"}`]: 7,
    [`fetches_total{${REPOSITORY},result="failed"}`]: 2,
    [`fetch_age_seconds{${REPOSITORY}}`]: 30,
    [`fetch_failing{${REPOSITORY}}`]: 1,
    [`files{${REPOSITORY},revision="main"}`]: 2,
    [`problems{${REPOSITORY},revision="main"}`]: 2,
    [`approvals{${REPOSITORY},revision="main",state="missing"}`]: 1,
    [`approvals{${REPOSITORY},revision="main",state="not needed"}`]: 1,
    [`last_good_age_seconds{${REPOSITORY},revision="main"}`]: 3600,
  });
  world.view = () => [];
  expect(Object.keys(await scraped()).filter((name) => name.includes('repository='))).toEqual([]);
});

test('whoever calls makes no new series: paths, names and events of callers are no labels', async () => {
  const series = async (): Promise<number> => Object.keys(await scraped()).length;
  await fetch(`${world.url}/a`);
  await call(world, '{', { authorization: 'Bearer 0' });
  await deliver(world, { kind: 'github', event: 'event', payload: {} });
  await eventually(() => world.logged.length === 3);
  const before = await series();
  for (let each = 0; each < 20; each += 1) {
    await fetch(`${world.url}/${each}`);
    await call(world, '{', { authorization: `Bearer ${each}` });
    await deliver(world, { kind: 'github', event: `event ${each}`, payload: { each } });
  }
  await eventually(() => world.logged.length === 63);
  expect(await series()).toBe(before);
});
