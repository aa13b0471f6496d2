#!/usr/bin/env node
import process from 'node:process';
import { parseArgs } from 'node:util';
import { makeTemplate, removeTemplate } from '../lab/postgres/blue-green.ts';
import { KINDS, pointOf } from './fault.ts';
import { makeMatrix } from './matrix.ts';
import { runCase, titleOf, type Case, type Seen } from './run-case.ts';
import { sideBySide } from './side-by-side.ts';

/** `make faults`: the whole matrix, or those of its cases whose title matches. */
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    /** `k/n`: the k-th of n parts, each across the whole matrix. */
    part: { type: 'string', default: '1/1' },
    /** So many cases at a time. */
    side: { type: 'string', default: '20' },
    /** Lists the cases and runs none. */
    list: { type: 'boolean', default: false },
  },
});

type Result = readonly [Case, Seen];

/** Statements may be of any length. */
const short = (title: string): string => (title.length > 160 ? `${title.slice(0, 160)}…` : title);
const print = (line: string): void => void process.stdout.write(`${line}\n`);

const template = await makeTemplate();
try {
  const matrix = await makeMatrix(template);
  const only = new RegExp(values.only);
  const matching = matrix.filter((each) => only.test(titleOf(each)));
  const [part = 0, parts = 0] = values.part.split('/').map(Number);
  const cases = matching.filter((_, n) => n % parts === part - 1);
  if (cases.length === 0) throw new Error(`no case matches --only ${values.only} --part ${values.part}`);
  print(`${cases.length} of ${matrix.length} cases`);
  if (values.list) for (const each of cases) print(titleOf(each));
  else summarise(await runAll(cases));
} finally {
  removeTemplate(template);
}

function runAll(cases: readonly Case[]): Promise<readonly Result[]> {
  let done = 0;
  return sideBySide(cases, Number(values.side), async (each): Promise<Result> => {
    const seen = await runCase(template, each).catch((error: unknown) => failed(each, error));
    done += 1;
    const outcome = seen.problems.length > 0 ? 'FAILED' : seen.struck ? 'ok' : 'not struck';
    print(
      `${done}/${cases.length} ${outcome}: ${short(seen.title)}: ${seen.decision}${seen.reason === undefined ? '' : ` (${short(seen.reason)})`}, no writes for ${seen.gap.toFixed(1)} s`,
    );
    for (const problem of seen.problems) print(`    ${problem}`);
    return [each, seen];
  });
}

/** A case that could not be run is no case that went well. */
function failed(each: Case, error: unknown): Seen {
  const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    title: titleOf(each),
    decision: 'unknown',
    reason: undefined,
    gap: 0,
    struck: false,
    points: [],
    problems: [problem],
  };
}

function summarise(results: readonly Result[]): void {
  const failures = results.filter(([, { problems }]) => problems.length > 0);
  const missed = results.filter(([, { struck }]) => !struck);
  print('\nkind          cases  failed  not struck');
  for (const kind of KINDS) {
    const of = (some: readonly Result[]): string => String(some.filter(([{ fault }]) => fault?.kind === kind).length);
    print(`${kind.padEnd(12)}${of(results).padStart(7)}${of(failures).padStart(8)}${of(missed).padStart(12)}`);
  }
  for (const [, { title }] of missed) print(`not struck: ${short(title)}`);
  for (const [, { title, problems }] of failures) print(`FAILED: ${short(title)}: ${problems.join('; ')}`);
  const points = new Set(results.map(([{ scenario, fault }]) => fault && `${scenario} ${pointOf(fault)}`)).size;
  const gap = Math.max(...results.map(([, each]) => each.gap));
  print(
    `${points} points, ${results.length} cases, ${failures.length} failed, longest time without a write ${gap.toFixed(1)} s`,
  );
  process.exitCode = failures.length === 0 ? 0 : 1;
}
