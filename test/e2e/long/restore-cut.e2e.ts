import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { RestoreRecord, Status } from '../../../plugin/lifecycle/status.ts';
import { ANNOTATION, LABEL } from '../../../plugin/plan/labels.ts';
import { applicationStatus } from '../../lab/argocd/application.ts';
import { CONTROLLER, startController } from '../../lab/argocd/processes.ts';
import { binaries } from '../../lab/build/binaries.ts';
import { getObject } from '../../lab/kubectl.ts';
import { loadWrites } from '../../lab/load/start.ts';
import { missingWrites } from '../../lab/load/verify.ts';
import { OPERATOR, startOperator } from '../../lab/operator/start.ts';
import { stopProcess } from '../../lab/process.ts';
import { waitFor } from '../../lab/wait-for.ts';
import { apiServerGone, apiServerHangs, startApiServer } from '../scenarios/cut-api-server.ts';
import { firstCommit } from '../scenarios/first-commit.ts';
import { commitApproved, databaseTime, recordOf } from '../scenarios/restore.ts';
import { startClients } from '../world/clients.ts';
import { report } from '../world/report.ts';
import { BLUE, sampleLifecycle, type RestoreSample } from '../world/sample.ts';
import { sql } from '../world/sql.ts';
import { commitLifecycle, ledger, openWorld, waitForLedger, type World } from '../world/world.ts';

/** What every namespace needs goes missing in the middle of a restore in place, and comes back: nothing else may run beside it. */
jest.setTimeout(600_000);

const CLUSTER = `${BLUE}-pgo`;
const OUTAGE_SECONDS = 20;
let world: World;
let wanted: RestoreSample;
let timeline: number;
/** Marks that were committed before the targets so far. */
const marks: string[] = [];
/** From a target until clients were back: what was acknowledged then is given up. */
const givenUp: { readonly from: number; readonly until: number }[] = [];

beforeAll(async () => {
  world = await openWorld('restore-cut', sampleLifecycle());
});

/** Whatever a failed expectation left: the lab is for others, too. */
afterAll(async () => {
  await startApiServer();
  await startOperator();
  startController(await binaries());
});

const ask = (statement: string): Promise<string> => sql(world.name, CLUSTER, statement);
const timelineNow = async (): Promise<number> => Number(await ask('SELECT timeline_id FROM pg_control_checkpoint()'));
const mark = (text: string): Promise<string> => ask(`INSERT INTO bestie.marks (text) VALUES ('${text}')`);
const record = async (): Promise<RestoreRecord | undefined> => recordOf(await ledger(world), wanted.id);

async function areClientsOff(): Promise<boolean> {
  const service = await getObject<{ spec: { selector: object } }>('service', 'bestie', world.name);
  return LABEL.paused in (service?.spec.selector ?? {});
}

async function laterWrites(): Promise<void> {
  const { length } = await loadWrites(world.name);
  await waitFor(async () => (await loadWrites(world.name)).length > length + 20, {
    what: 'writes of clients',
    timeoutSeconds: 90,
  });
}

/** A restore to a moment of now, from its commit and approval on. */
async function begin(id: string): Promise<void> {
  await laterWrites();
  await mark(id);
  wanted = { id, target: { time: await databaseTime(world, CLUSTER) } };
  await mark(`given up by ${id}`);
  await laterWrites();
  timeline = await timelineNow();
  await commitApproved(world, wanted);
}

/** Until the restore is there: looked at often, because what is awaited lasts a second or two. */
async function reached(what: string, is: (status: Status, own: RestoreRecord) => boolean): Promise<void> {
  const look = async (): Promise<boolean> => {
    const status = await ledger(world);
    const own = recordOf(status, wanted.id);
    return own !== undefined && is(status, own);
  };
  await waitFor(look, { what: `${wanted.id}: ${what}`, timeoutSeconds: 240, everyMilliseconds: 100 });
}

const step = (name: string, state: 'Started' | 'Done'): Promise<void> =>
  reached(`${name} is ${state}`, ({ steps = [] }, { digest }) =>
    steps.some((each) => each.digest === digest && each.step === name && each.state === state),
  );

type Outcome = 'restored' | 'clients back on what was there' | 'clients off';

/** How it came out: one of three, and nothing else. */
async function outcome(): Promise<Outcome> {
  const look = async (): Promise<Outcome | undefined> => {
    const { operation, sync, health } = await applicationStatus(world.name);
    const { phase: said, message = '' } = await ledger(world);
    const { state, clientsBackAt } = (await record()) ?? {};
    const off = await areClientsOff();
    const ended = operation !== undefined && operation.phase !== 'Running';
    if (ended && sync === 'Synced' && health === 'Healthy' && clientsBackAt !== undefined && !off) return 'restored';
    if (ended && operation.phase !== 'Succeeded' && said === 'TrafficOff' && off) {
      expect(message).toMatch(
        /^clients are off: .*; (raise restore.attempt to go on|ask for a restore with a new id)$/,
      );
      return 'clients off';
    }
    if (ended && operation.phase !== 'Succeeded' && state === 'Requested' && !off)
      return 'clients back on what was there';
    throw new Error(
      `${operation?.phase}: ${operation?.message}; ledger: ${said}: ${message}; ${state}, clients ${off ? 'off' : 'on'}`,
    );
  };
  return waitFor(look, { what: `end of ${wanted.id}`, timeoutSeconds: 360, everyMilliseconds: 1000 });
}

/** Restored, once, with all that was committed before the target; where it took another attempt, by that one. */
async function expectRestored(title: string): Promise<Outcome> {
  const first = await outcome();
  if (first === 'clients back on what was there') {
    expect(await timelineNow()).toBe(timeline);
    await laterWrites();
  }
  if (first !== 'restored') {
    wanted = { ...wanted, attempt: 2 };
    await commitLifecycle(world, sampleLifecycle({ restore: wanted }), 'Attempt 2');
    await waitForLedger(
      world,
      'another attempt',
      (status) => recordOf(status, wanted.id)?.clientsBackAt !== undefined,
      300,
    );
    expect(await outcome()).toBe('restored');
  }
  const { restores = [] } = await ledger(world);
  const own = restores.filter(({ id }) => id === wanted.id);
  expect(own).toEqual([expect.objectContaining({ state: 'Restored', clientsBackAt: expect.any(String) })]);
  const [{ clientsOffAt = '', clientsBackAt = '', startedAt = '', finishedAt = '' } = {}] = own;
  report(title, {
    'came out as': first,
    'clients off': `${seconds(clientsOffAt, clientsBackAt)} s`,
    'of these the restore': `${seconds(startedAt, finishedAt)} s`,
  });
  // A restore is a timeline, so that one which ran twice were two.
  expect(await timelineNow()).toBe(timeline + 1);
  marks.push(wanted.id);
  expect((await ask('SELECT text FROM bestie.marks ORDER BY n')).split('\n')).toEqual(marks);
  const cluster = await getObject<{ spec: { backups: { pgbackrest: object } } }>(
    'postgrescluster',
    CLUSTER,
    world.name,
  );
  expect(cluster?.spec.backups.pgbackrest).not.toHaveProperty('restore');
  await expectKept(Date.parse(clientsBackAt));
  return first;
}

const seconds = (from: string, to: string): string => ((Date.parse(to) - Date.parse(from)) / 1000).toFixed(1);

async function expectKept(clientsBack: number): Promise<void> {
  const target = 'time' in wanted.target ? Date.parse(wanted.target.time) : 0;
  const isKept = (at: number): boolean => at < target && !givenUp.some(({ from, until }) => at >= from && at < until);
  const kept = (await loadWrites(world.name)).filter(({ at }) => isKept(at)).map((each) => ({ ...each, seq: 0 }));
  expect(kept.length).toBeGreaterThan(20);
  expect(await missingWrites(kept, ask)).toEqual([]);
  givenUp.push({ from: target, until: clientsBack });
}

it('the first commit, and clients', async () => {
  await firstCommit(world);
  await ask('CREATE TABLE bestie.marks (n serial, text text)');
  await startClients(world, { writers: 2, readers: 1, overriders: 0 });
  expect(await areClientsOff()).toBe(false);
});

describe("Argo CD's application controller", () => {
  it('killed in the pause, in the restore and in the smoke test, and each time started again a step later', async () => {
    const without = async (name: string): Promise<void> => {
      await step(name, 'Started');
      await stopProcess(CONTROLLER, 'SIGKILL');
      // What runs already goes on without it.
      await step(name, 'Done');
      startController(await binaries());
    };
    await begin('controller');
    for (const name of ['pause', 'restore', 'smoke']) await without(name);
    expect(await expectRestored('controller killed three times')).toBe('restored');
  });
});

interface PostgresCluster {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly status?: { readonly pgbackrest?: { readonly restore?: { readonly id?: string } } };
}
interface Job {
  readonly status?: { readonly active?: number };
}

describe('the operator', () => {
  const killed = (): Promise<void> => stopProcess(OPERATOR, 'SIGKILL');
  const cluster = (): Promise<PostgresCluster | undefined> => getObject('postgrescluster', CLUSTER, world.name);
  const restoreJob = (): Promise<Job | undefined> => getObject('job', `${CLUSTER}-pgbackrest-restore`, world.name);
  const until = async (what: string, is: () => Promise<boolean>): Promise<void> => {
    await waitFor(is, { what, timeoutSeconds: 120, everyMilliseconds: 100 });
  };

  it('killed before it is asked, as it tears down and while its Job restores, and each time started again', async () => {
    await begin('operator');
    await step('pause', 'Started');
    await killed();
    await reached('is begun', (_, { state }) => state === 'Restoring');
    await until(
      'asked for',
      async () => (await cluster())?.metadata.annotations?.[ANNOTATION.pgoRestore] === wanted.id,
    );
    await startOperator();
    await until('taken up', async () => (await cluster())?.status?.pgbackrest?.restore?.id === wanted.id);
    await killed();
    await startOperator();
    await until('its Job', async () => ((await restoreJob())?.status?.active ?? 0) > 0);
    await killed();
    await until('the end of its Job', async () => ((await restoreJob())?.status?.active ?? 0) === 0);
    await startOperator();
    expect(await expectRestored('operator killed three times')).toBe('restored');
  });
});

describe(`the API server, for ${OUTAGE_SECONDS} s`, () => {
  const begun = (): Promise<void> => reached('is begun', (_, { state }) => state === 'Restoring');
  it.each([
    ['hangs', 'the pause', 'hangs-1', () => step('pause', 'Started'), apiServerHangs],
    ['is killed', 'the pause', 'killed-1', () => step('pause', 'Started'), apiServerGone],
    ['hangs', 'the restore', 'hangs-2', begun, apiServerHangs],
    ['is killed', 'the restore', 'killed-2', begun, apiServerGone],
    ['is killed', 'the smoke test', 'killed-3', () => step('smoke', 'Started'), apiServerGone],
    ['hangs', 'the confirmation', 'hangs-3', () => step('confirm', 'Started'), apiServerHangs],
  ])('%s in %s', async (how, when, id, moment, cut) => {
    await begin(id);
    await moment();
    await cut(OUTAGE_SECONDS);
    await expectRestored(`API server ${how} in ${when}`);
  });
});

it('clients go on', async () => {
  await laterWrites();
  expect(await areClientsOff()).toBe(false);
});
