import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { BlueGreen, makeTemplate, removeTemplate, type Template } from '../../test/lab/postgres/blue-green.ts';
import { REAL_CLOCK } from '../../test/lab/postgres/real-clock.ts';
import { stateOf } from '../../test/lab/postgres/refusal.ts';
import { waitFor } from '../../test/lab/wait-for.ts';
import { connect } from './connect.ts';
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
  session = await connect({
    folder: `${servers.secrets}/bestie/superuser`,
    ca: `${servers.secrets}/bestie/ca/ca.crt`,
    applicationName: 'test',
  });
});
// Named: a role that a test before has shut out is none that logs in any more.
beforeEach(() => openRoles(session, [{ role: 'bestie', database: '', settings: null }]));
afterAll(async () => {
  await session.close();
  await servers.stop();
  removeTemplate(template);
});

const wait = { clock: REAL_CLOCK, seconds: 20 };
const UNSEEN = `SELECT FROM pg_locks WHERE locktype = 'virtualxid' AND pid NOT IN (SELECT pid FROM pg_stat_activity)`;

/** Connects, and stays in the state for this many seconds in which the login is through and no list shows the session. */
async function startingSession(seconds: number): Promise<{ readonly outcome: Promise<string> }> {
  const outcome = servers.blue
    .client('bestie', 'bestie', `-c post_auth_delay=${seconds}`)
    .then((client) => client.query("INSERT INTO t0 (writer) VALUES ('late')").then(() => client.end()))
    .then(() => 'acknowledged', stateOf);
  await waitFor(async () => (await servers.blue.sql(UNSEEN)).length > 0, {
    what: 'a backend starts',
    timeoutSeconds: 20,
  });
  return { outcome };
}

test('E waits for a backend that passed the login check but is not in pg_stat_activity yet, and ends it', async () => {
  const starting = await startingSession(3);
  await denyLogin(session, ['bestie']);
  expect(await endSessions(session, { roles: ['bestie'] }, wait)).toBe(true);
  expect(await starting.outcome).not.toBe('acknowledged');
  expect(await servers.blue.sql(UNSEEN)).toHaveLength(0);
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

test('E says when the time was up before every session had ended', async () => {
  const starting = await startingSession(4);
  expect(await endSessions(session, { roles: ['bestie'] }, { ...wait, seconds: 0.2 })).toBe(false);
  await starting.outcome;
});
