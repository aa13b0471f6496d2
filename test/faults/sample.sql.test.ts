import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { useTemplate } from '../lab/postgres/use-template.ts';
import type { Fault } from './fault.ts';
import { runCase, titleOf, type Case, type Scenario, type Seen } from './run-case.ts';
import { sideBySide } from './side-by-side.ts';

jest.setTimeout(900_000);

/** How long a switch takes is not the question here, on however busy a machine. */
const AMPLE_SECONDS = 120;
/** Where the budget is what ends the window. */
const SHORT_SECONDS = 15;

const at = (
  [scenario, budgetSeconds]: readonly [Scenario, number],
  kind: Fault['kind'],
  [step, server]: readonly [Fault['step'], Fault['server']],
  statement: string,
): Case => ({ scenario, budgetSeconds, fault: { kind, step, server, statement, nth: 1 } });

const AT_A_TIME = 3;
const TRIES = 3;

const COMMIT = ['commit', AMPLE_SECONDS] as const;
const HOOK = ['hook', AMPLE_SECONDS] as const;
const CUT_SHORT = ['commit', SHORT_SECONDS] as const;
const LEFT_OPEN = ['left open', AMPLE_SECONDS] as const;
const LEFT_COMMITTED = ['left committed', AMPLE_SECONDS] as const;
const DECIDES = 'PUT lifecycles/bestie/status Committed fence';

/** Out of `make faults`: every kind, step and server, where something is changed. */
const SAMPLE: readonly Case[] = [
  at(COMMIT, 'cut after', ['commit', 'api'], DECIDES),
  at(COMMIT, 'twice', ['commit', 'api'], DECIDES),
  at(COMMIT, 'dark after', ['commit', 'api'], DECIDES),
  at(COMMIT, 'cut before', ['commit', 'green'], 'commit: ALTER ROLE "bestie" LOGIN'),
  at(COMMIT, 'outage', ['commit', 'blue'], 'commit: COMMIT'),
  at(CUT_SHORT, 'dark before', ['keeper', 'blue'], 'window: COMMIT'),
  at(HOOK, 'late', ['abort', 'blue'], 'abort: ALTER ROLE "bestie" RESET default_transaction_read_only'),
  at(HOOK, 'dark before', ['abort', 'green'], 'abort: ALTER ROLE "bestie" NOLOGIN'),
  at(LEFT_OPEN, 'dark before', ['preflight', 'blue'], 'abort: ALTER ROLE "bestie" LOGIN'),
  at(
    LEFT_COMMITTED,
    'cut after',
    ['preflight', 'api'],
    'PUT lifecycles/bestie/status Committed fence flipped greenOpened',
  ),
];

const template = useTemplate();

/** On a machine that stands still for seconds a keeper may end its window before the fault; then once more. */
async function struck(each: Case): Promise<Seen> {
  for (let tries = 1; ; tries += 1) {
    const seen = await runCase(template(), each);
    if (seen.struck || seen.problems.length > 0 || tries === TRIES) return seen;
  }
}

describe('the window ends and no acknowledged write is lost, whatever becomes of a statement', () => {
  const all = new Map<Case, Seen>();

  beforeAll(async () => {
    await sideBySide(SAMPLE, AT_A_TIME, async (each) => all.set(each, await struck(each)));
  });

  test.each(SAMPLE.map((each) => [titleOf(each), each] as const))('%s', (_title, each) => {
    expect(all.get(each)).toMatchObject({ struck: true, problems: [] });
  });
});
