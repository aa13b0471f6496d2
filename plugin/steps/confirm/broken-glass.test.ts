import { expect, test } from '@jest/globals';
import { ANNOTATION } from '../../plan/labels.ts';
import { BLUE, requestFor, worldAtRest, type World } from '../testing/world.ts';
import { lookAtGlass } from './broken-glass.ts';

const request = requestFor('AtRest');
const SERVICE = `Service bestie ${ANNOTATION.breakGlass}`;
const DATABASE = `PostgresCluster ${BLUE.cluster} ${ANNOTATION.breakGlass}`;

const at = (world: World, seconds: number): string =>
  new Date(world.clock.now().getTime() + seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');

test('says once which objects are open, until when and why', async () => {
  const world = worldAtRest({});
  const until = at(world, 3600);
  world.cluster.annotations.set(SERVICE, `${until} incident 4711: ledger lost`);
  await lookAtGlass(world.context(request));
  await lookAtGlass(world.context(request));
  expect(world.ledger.status.brokenGlass).toEqual([
    { object: 'Service/bestie', until, reason: 'incident 4711: ledger lost' },
  ]);
  expect(world.cluster.events).toEqual([
    `bestie BrokenGlass Service/bestie is not guarded until ${until}, whoever changes it: incident 4711: ledger lost`,
  ]);
  expect([...world.cluster.annotations.keys()]).toEqual([SERVICE]);
});

test('takes off what is over, and what says no time', async () => {
  const world = worldAtRest({});
  const until = at(world, 60);
  world.cluster.annotations.set(SERVICE, `${until} incident`);
  await lookAtGlass(world.context(request));
  world.cluster.annotations.set(DATABASE, 'because');
  await world.clock.sleep(120_000);
  await lookAtGlass(world.context(request));
  expect(world.cluster.annotations.size).toBe(0);
  expect(world.ledger.status).not.toHaveProperty('brokenGlass');
  expect(world.cluster.events.slice(1)).toEqual([
    `bestie BrokenGlass Service/bestie is guarded again: ${ANNOTATION.breakGlass} was until ${until} incident`,
    `bestie BrokenGlass PostgresCluster/${BLUE.cluster} is guarded again: ${ANNOTATION.breakGlass} was until because`,
  ]);
});

test('says of volumes and endpoints that they are open, and leaves them to whoever broke the glass', async () => {
  const world = worldAtRest({});
  const volume = `PersistentVolumeClaim ${BLUE.cluster}-pgdata ${ANNOTATION.breakGlass}`;
  const slice = `EndpointSlice bestie-x7k2p ${ANNOTATION.breakGlass}`;
  const [later, before] = [at(world, 3600), at(world, -60)];
  world.cluster.annotations.set(volume, `${later} incident`).set(slice, `${before} incident`);
  await lookAtGlass(world.context(request));
  await lookAtGlass(world.context(request));
  expect(world.ledger.status.brokenGlass).toEqual([
    { object: `PersistentVolumeClaim/${BLUE.cluster}-pgdata`, until: later, reason: 'incident' },
    { object: 'EndpointSlice/bestie-x7k2p', until: before, reason: 'incident' },
  ]);
  expect(world.cluster.events).toHaveLength(2);
  expect(world.cluster.annotations.size).toBe(2);
});

test('nothing is written where nothing is open, and a refusal is told and fails nothing', async () => {
  const world = worldAtRest({});
  const { version } = world.ledger;
  await lookAtGlass(world.context(request));
  expect(world.ledger.version).toBe(version);
  world.cluster.annotations.set(SERVICE, `${at(world, -60)} incident`);
  world.cluster.removeAnnotation = () => Promise.reject(new Error('403'));
  await lookAtGlass(world.context(request));
  expect(world.lines).toContain('looking for broken glass: 403');
});
