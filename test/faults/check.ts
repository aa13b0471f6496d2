import { setTimeout as delay } from 'node:timers/promises';
import { env } from 'node:process';
import type { Decision } from '../../plugin/lifecycle/status.ts';
import { isComplete } from '../../plugin/steps/ledger/decision.ts';
import type { Instance } from '../lab/postgres/instance.ts';
import { missing, type Acknowledged } from '../lab/postgres/load.ts';
import { refusal } from '../lab/postgres/refusal.ts';
import { waitFor } from '../lab/wait-for.ts';
import type { Running } from './run-case.ts';

/**
 * What a window may take beyond its budget: the bounds of an abort (a green that does not answer 4 s, a server that has to
 * notice that a connection is dead 7 s), and what a machine takes on which several cases run side by side.
 */
const MARGIN_SECONDS = Number(env.LIFECYCLE_FAULTS_MARGIN ?? '30');
/** Blue of a commit is closed by whoever is left: the keeper after its grace, on a connection that may be a dead one first. */
const COMPLETE_SECONDS = 120;
/** The locks of a step whose connection is dead are gone after this. */
const REST_SECONDS = 45;

/** Waits for the window's end within its bound, and says everything in which the promise does not hold. */
export async function problemsOf(running: Running): Promise<{ readonly problems: readonly string[]; gap: number }> {
  const { it, load } = running;
  const ended = await windowEnds(running);
  await load.stop();
  const gap = longestGap(load.acknowledged);
  if (!ended) return { problems: [`no end: ${textOf(it.decision)}`], gap };
  // On a blue that is closed for good a step's locks are in nobody's way.
  const locks = it.decision.state === 'Committed' ? [] : await locksLeft(it.blue);
  const problems = [...windowProblems(running, gap), ...(await serverProblems(running)), ...locks];
  return { problems, gap };
}

const boundOf = ({ budgetSeconds }: Running): number => budgetSeconds + MARGIN_SECONDS;

const textOf = ({ roles, fence, ...decision }: Decision): string =>
  JSON.stringify({ ...decision, roles: roles?.length, fence: fence?.lockedAt });

/** In time a client that follows the traffic writes again; what is left to do of the decision is nobody's window. */
async function windowEnds({ it, load, ...running }: Running): Promise<boolean> {
  const openFor = (): number => {
    const { fencedAt } = it.decision;
    return (Date.now() - (fencedAt === undefined ? running.startedAt : Date.parse(fencedAt))) / 1000;
  };
  let ended: number | undefined;
  const writes = (): boolean => {
    const { greenOpened, unfenced } = it.decision;
    if ((greenOpened ?? unfenced) !== undefined) ended ??= Date.now();
    const since = ended ?? Infinity;
    return load.acknowledged.some(({ writer, at }) => writer === 'writer' && at > since);
  };
  while (!writes()) {
    if (openFor() > running.budgetSeconds + MARGIN_SECONDS) return false;
    await delay(50);
  }
  const complete = waitFor(() => Promise.resolve(isComplete(it.decision)), {
    what: 'all of the decision carried out',
    timeoutSeconds: COMPLETE_SECONDS,
  });
  return complete.then(
    () => true,
    () => false,
  );
}

function longestGap(acknowledged: readonly Acknowledged[]): number {
  const times = acknowledged.filter(({ writer }) => writer === 'writer').map(({ at }) => at);
  return Math.max(...times.map((at, n) => at - (times[n - 1] ?? at))) / 1000;
}

/** As the ledger has it, and as a client saw it. */
function windowProblems(running: Running, gap: number): readonly string[] {
  const bound = boundOf(running);
  return [running.it.decision.windowSeconds ?? 0, gap]
    .filter((seconds) => seconds > bound)
    .map((seconds) => `a window of ${seconds.toFixed(1)} s, the bound is ${bound} s`);
}

/** What the ledger says serves is where the Service leads, takes writes and has all of them; the other takes none. */
async function serverProblems(running: Running): Promise<readonly string[]> {
  const { it, load, green } = running;
  const committed = it.decision.state === 'Committed';
  const [serving, other] = committed ? [green, it.blue] : [it.blue, green];
  if (!serving) return ['committed without a green'];
  const selected = it.namespace.serves(it.request.traffic.service);
  const lost = await missing(serving, load.acknowledged);
  return [
    ...(selected === serving.name ? [] : [`${serving.name} serves, the Service selects ${selected ?? 'nothing'}`]),
    ...(await expectWrites(serving, 'accepted', WRITE)),
    ...(other ? await expectClosed(other, committed || it.decision.greenClosed !== undefined) : []),
    ...lossProblems(running, lost),
  ];
}

/** Where keeper and commit are both gone, no lock holds who overrides read-only until blue is closed; but it is on record. */
function lossProblems({ it, unheldSince }: Running, lost: readonly Acknowledged[]): readonly string[] {
  const { lostWrites = 0, blueWrites } = it.decision;
  const told = lostWrites > 0 || blueWrites !== undefined;
  const untold = lost.filter(({ writer, at }) => writer === 'writer' || !told || at < (unheldSince ?? Infinity));
  return untold.length === 0
    ? []
    : [`${untold.length} acknowledged writes are lost: ${JSON.stringify(untold.slice(0, 3))}`];
}

const INSERT = "INSERT INTO t0 (writer, n) VALUES ('afterwards', 0)";
const WRITE = ['BEGIN', INSERT, 'COMMIT'];
const OVERRIDING_WRITE = ['BEGIN READ WRITE', "SET LOCAL lock_timeout = '300ms'", INSERT, 'COMMIT'];

async function expectWrites(
  server: Instance,
  expected: 'accepted' | 'refused',
  write: readonly string[],
): Promise<readonly string[]> {
  const got = await refusal(server, 'bestie', write);
  const right = (got === 'accepted') === (expected === 'accepted');
  return right ? [] : [`a write on ${server.name} (${write[0] ?? ''}) is not ${expected}: ${got}`];
}

/** @param recorded green of an abort that nobody reached is read-only, which a session can override (ADR 6). */
async function expectClosed(server: Instance, recorded: boolean): Promise<readonly string[]> {
  const writes = recorded ? [WRITE, OVERRIDING_WRITE] : [WRITE];
  return (await Promise.all(writes.map((write) => expectWrites(server, 'refused', write)))).flat();
}

const LOCKS = `SELECT FROM pg_locks WHERE mode = 'ShareLock' AND locktype = 'relation' AND granted`;

async function locksLeft(blue: Instance): Promise<readonly string[]> {
  const gone = async (): Promise<boolean> => (await blue.sql(LOCKS)).length === 0;
  const wait = { what: 'the locks are let go', timeoutSeconds: REST_SECONDS };
  return waitFor(gone, wait).then(
    () => [],
    (error: unknown) => [String(error)],
  );
}
