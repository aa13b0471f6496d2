import { once } from 'node:events';
import { Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { BlueGreen, makeTemplate, removeTemplate, type Template } from '../../test/lab/postgres/blue-green.ts';
import { REAL_CLOCK } from '../../test/lab/postgres/real-clock.ts';
import type { Instance } from '../../test/lab/postgres/instance.ts';
import { stateOf } from '../../test/lab/postgres/refusal.ts';
import { heldSession, untoldSessions } from '../../test/lab/postgres/starting-session.ts';
import { endSessions } from './end-sessions.ts';
import { serverTime } from './identity.ts';
import { denyLogin, openRoles } from './roles.ts';
import type { Session } from './session.ts';

jest.setTimeout(60_000);

let template: Template;
let servers: BlueGreen;
let session: Session;

beforeAll(async () => {
  template = await makeTemplate();
  servers = await BlueGreen.start(template);
  servers.publish('bestie', servers.blue);
  session = await servers.openBlue('postgres');
});
// Named: a role that a test before has shut out is none that logs in any more.
beforeEach(() => openRoles(session, [{ role: 'bestie', database: '', settings: null }]));
afterAll(async () => {
  await session.close();
  await servers.stop();
  removeTemplate(template);
});

const wait = { clock: REAL_CLOCK, seconds: 20 };

/** `acknowledged`, or how its server or the connection refused it. */
const write = (client: Awaited<ReturnType<Instance['client']>>): Promise<string> =>
  client
    .query("INSERT INTO t0 (writer) VALUES ('late')")
    .then(() => client.end())
    .then(() => 'acknowledged', stateOf);

test('E waits for a backend that passed the login check but that no list tells yet, and ends it', async () => {
  const starting = await heldSession(servers.blue);
  await session.query('ALTER ROLE bestie NOLOGIN');
  // Let go when E waits: not before its first look.
  let looks = 0;
  const sleep: typeof REAL_CLOCK.sleep = async (milliseconds, signal) => {
    looks += 1;
    if (looks === 1) await starting.goOn();
    await REAL_CLOCK.sleep(milliseconds, signal);
  };
  expect(await endSessions(session, { roles: ['bestie'] }, { ...wait, clock: { ...REAL_CLOCK, sleep } })).toBe(true);
  expect(looks).toBeGreaterThan(0);
  // What it wrote before was before E's end; nothing is acknowledged after it.
  expect(await starting.client.then(write, stateOf)).not.toBe('acknowledged');
  expect(await untoldSessions(servers.blue)).toHaveLength(0);
});

test('E is not needed for a backend that has not come to the login check yet: it is refused there', async () => {
  const socket = new Socket();
  // Connected, but says nothing before it is uncorked.
  socket.cork();
  const late = servers.blue.client('bestie', 'bestie', undefined, { stream: () => socket }).then(write, stateOf);
  await once(socket, 'connect');
  await denyLogin(session, ['bestie']);
  expect(await endSessions(session, { roles: ['bestie'] }, wait)).toBe(true);
  socket.uncork();
  expect(await late).toBe('28000');
});

test('E ends many sessions at once: signals first, then polls', async () => {
  const clients = await Promise.all(Array.from({ length: 20 }, () => servers.blue.client('bestie')));
  expect(await endSessions(session, { roles: ['bestie'] }, wait)).toBe(true);
  const states = await Promise.all(
    clients.map((client) =>
      client.query('SELECT 1').then(
        () => 'alive',
        () => 'ended',
      ),
    ),
  );
  expect(new Set(states)).toEqual(new Set(['ended']));
});

test('E ends only the sessions chosen: by role and by their start', async () => {
  const before = await servers.blue.client('bestie');
  const reporter = await servers.blue.client('reporter');
  const time = await serverTime(session);
  const after = await servers.blue.client('bestie');
  expect(await endSessions(session, { roles: ['bestie'], begunUntil: time }, wait)).toBe(true);
  expect(await before.query('SELECT 1').catch(() => 'ended')).toBe('ended');
  expect((await after.query('SELECT 1')).rowCount).toBe(1);
  expect(await endSessions(session, { roles: ['bestie'], begunAfter: time }, wait)).toBe(true);
  expect(await after.query('SELECT 1').catch(() => 'ended')).toBe('ended');
  expect((await reporter.query('SELECT 1')).rowCount).toBe(1);
  await reporter.end();
});

test('E ends a session that writes over a replication connection', async () => {
  await servers.blue.sql('ALTER ROLE bestie REPLICATION');
  const client = await servers.blue.client('bestie', 'bestie', undefined, { replication: 'database' });
  expect((await client.query("INSERT INTO t0 (writer) VALUES ('replication')")).rowCount).toBe(1);
  expect(await endSessions(session, { roles: ['bestie'] }, wait)).toBe(true);
  expect(await client.query('SELECT 1').catch(() => 'ended')).toBe('ended');
  await servers.blue.sql('ALTER ROLE bestie NOREPLICATION');
});

test('E says when the time was up before every session had ended', async () => {
  const starting = await heldSession(servers.blue);
  expect(await endSessions(session, { roles: ['bestie'] }, { ...wait, seconds: 0.2 })).toBe(false);
  await starting.goOn();
  expect(await starting.client.then(write)).toBe('acknowledged');
});
