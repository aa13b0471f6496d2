import { COMMAND_ERRORS } from '../errors/command-errors.ts';
import { FILE_ERRORS } from '../errors/file-errors.ts';
import {
  edited,
  toAtRest,
  toPrepare,
  toRestored,
  toRestoredBeside,
  toRestoredSwitch,
  toSwitch,
  type Move,
} from './edits.ts';
import { formatPath, type Path } from './finding.ts';
import type { Lifecycle, Stage } from './model.ts';
import { parseLifecycle, readLifecycle, type ReadResult } from './parse.ts';
import type { Problem, ProblemCode } from './problem.ts';
import { checkShape } from './shape.ts';
import { locate } from './source/locate.ts';
import { placeOf } from './source/place.ts';
import type { Status } from './status.ts';
import { unconfirmed, unconfirmedBeside, unconfirmedRestore } from './unconfirmed.ts';

/** The new instance, where the file is at rest. */
export interface NewGreen {
  readonly name: string;
  readonly version: string;
}

export interface NextOptions {
  readonly green?: NewGreen;
  /** Text that no other life of any instance has: a part of the paths of a new instance's backups. */
  readonly life: string;
  /** The saved Lifecycle's; after a switch or a restore it has to say that it was confirmed. */
  readonly status?: Status;
}

type Phase = 'AtRest' | 'Restore' | Stage;

export type NextResult =
  | { readonly ok: true; readonly text: string; readonly from: Phase; readonly to: Phase }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const GREEN: Path = ['spec', 'green'];
const STAGE: Path = [...GREEN, 'stage'];
const RESTORE: Path = ['spec', 'restore'];

/**
 * Moves a lifecycle file on: at rest → Prepare → Switch → at rest, with green as the new blue; a restore → at rest, with the
 * version that fits it; one beside goes through Prepare and Switch as well. Everything outside the edit stays as it is, comments included.
 * @returns the new text, which is a valid lifecycle file that differs in nothing but the move; or problems. Problems of the
 *   new instance's name and version stand at their places in the text as it would have been.
 */
export function nextStage(source: Uint8Array, file: string, options: NextOptions): NextResult {
  const read = readLifecycle(source, file);
  if (!read.ok) return read;
  const { lifecycle, text } = read;
  const from = phaseOf(lifecycle);
  const refused = refusal(lifecycle, options);
  if (refused) return { ok: false, problems: [refuse(refused, read, file)] };
  const move = moveOf(lifecycle, options);
  const changed = edited(text, move);
  const parsed = parseLifecycle(new TextEncoder().encode(changed), file);
  if (!parsed.ok) {
    const reached = parsed.problems.some(({ code }) => code === 'yaml-syntax');
    return { ok: false, problems: reached ? [refuse(SHARED, read, file)] : causes(parsed.problems) };
  }
  if (!equal(parsed.lifecycle, checkShape(move.result).lifecycle))
    return { ok: false, problems: [refuse(SHARED, read, file)] };
  return { ok: true, text: changed, from, to: move.to };
}

function phaseOf({ spec: { green, restore } }: Lifecycle): Phase {
  if (restore) return restore.stage ?? 'Restore';
  return green?.stage ?? 'AtRest';
}

function moveOf(lifecycle: Lifecycle, { green, life }: NextOptions): Move {
  const { restore } = lifecycle.spec;
  if (restore?.mode === 'InPlace') return toRestored(lifecycle);
  if (restore) return restore.stage === 'Switch' ? toRestoredBeside(lifecycle) : toRestoredSwitch(lifecycle);
  if (green) return toPrepare(lifecycle, green, life);
  return lifecycle.spec.green?.stage === 'Switch' ? toAtRest(lifecycle) : toSwitch(lifecycle, life);
}

type Read = Extract<ReadResult, { readonly ok: true }>;

interface Refusal {
  readonly code: ProblemCode;
  readonly path: Path;
  readonly detail: string;
}

const SHARED: Refusal = {
  code: 'yaml-feature',
  path: GREEN,
  detail: 'the edit would change more than it is meant to, through an anchor',
};

function refusal({ spec }: Lifecycle, { green: named, status }: NextOptions): Refusal | undefined {
  const { green, blue, restore } = spec;
  if (restore) return restoreRefusal(spec, named, status);
  if (!green) {
    if (named) return undefined;
    return { code: 'next-needs-green', path: ['spec'], detail: 'the file is at rest' };
  }
  if (named) return { code: 'next-green-exists', path: GREEN, detail: `green is at stage ${green.stage}` };
  if (green.stage !== 'Switch') return undefined;
  if (status === undefined) return { code: 'next-needs-status', path: STAGE, detail: 'green is to become blue' };
  const detail = unconfirmed(status, blue.name, green);
  return detail === undefined ? undefined : { code: 'next-not-confirmed', path: STAGE, detail };
}

function restoreRefusal(
  spec: Lifecycle['spec'],
  named: NewGreen | undefined,
  status: Status | undefined,
): Refusal | undefined {
  if (named) return { code: 'green-with-restore', path: RESTORE, detail: 'the restore has to be over first' };
  if (spec.restore?.stage === 'Prepare') return undefined;
  if (status === undefined) return { code: 'next-needs-status', path: RESTORE, detail: 'the restore is to be over' };
  const detail = spec.restore?.mode === 'Clone' ? unconfirmedBeside(status, spec) : unconfirmedRestore(status, spec);
  return detail === undefined ? undefined : { code: 'next-not-confirmed', path: RESTORE, detail };
}

function refuse({ code, path, detail }: Refusal, { yaml, text }: Read, file: string): Problem {
  const place = placeOf(text, locate(yaml.document, path, 'key'));
  const { remedy } = { ...FILE_ERRORS, ...COMMAND_ERRORS }[code];
  return { code, file, ...place, path: formatPath(path), detail, remedy };
}

/** Paths are made of names: one that is wrong makes them wrong, too. */
function causes(problems: readonly Problem[]): readonly Problem[] {
  const others = problems.filter(({ path }) => !path.startsWith('spec.green.repositoryPaths'));
  return others.length > 0 ? others : problems;
}

/** Shapes have their fields in the schema's order. */
function equal(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
