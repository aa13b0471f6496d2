import { COMMAND_ERRORS } from '../errors/command-errors.ts';
import { FILE_ERRORS } from '../errors/file-errors.ts';
import { formatPath, type Path } from './finding.ts';
import type { Lifecycle, Stage } from './model.ts';
import { parseLifecycle, readLifecycle, type ReadResult } from './parse.ts';
import type { Problem, ProblemCode } from './problem.ts';
import { applyEdit, insertAfter, replaceValue, type Edit } from './source/edit.ts';
import { locate } from './source/locate.ts';
import { placeOf } from './source/place.ts';
import type { YamlSource } from './source/read-yaml.ts';

/** The new instance, where the file is at rest. */
export interface NewGreen {
  readonly name: string;
  readonly version: string;
}

export type NextResult =
  | { readonly ok: true; readonly text: string; readonly from: 'AtRest' | Stage; readonly to: Stage }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const STAGE: Path = ['spec', 'green', 'stage'];

/**
 * Moves a lifecycle file on: at rest → Prepare → Switch. Everything outside the edit stays as it is, comments included.
 * @returns the new text, which is a valid lifecycle file that differs in nothing but green; or problems. Problems of the
 *   new instance's name and version stand at their places in the text as it would have been.
 */
export function nextStage(source: Uint8Array, file: string, { green }: { readonly green?: NewGreen }): NextResult {
  const read = readLifecycle(source, file);
  if (!read.ok) return read;
  const { lifecycle, text, yaml } = read;
  const from = lifecycle.spec.green?.stage ?? 'AtRest';
  const refused = refusal(from, green !== undefined);
  if (refused) return { ok: false, problems: [refuse(refused, read, file)] };
  const to = from === 'AtRest' ? 'Prepare' : 'Switch';
  const changed = applyEdit(text, editFor(green, text, yaml));
  const parsed = parseLifecycle(new TextEncoder().encode(changed), file);
  if (!parsed.ok) return parsed;
  if (!isMovedOn(lifecycle, parsed.lifecycle, to, green)) return { ok: false, problems: [refuse(SHARED, read, file)] };
  return { ok: true, text: changed, from, to };
}

function editFor(green: NewGreen | undefined, text: string, { document }: YamlSource): Edit {
  if (!green) return replaceValue(document, STAGE, 'Switch');
  return insertAfter(text, document, ['spec', 'blue'], { green: { ...green, strategy: 'Clone', stage: 'Prepare' } });
}

type Read = Extract<ReadResult, { readonly ok: true }>;

interface Refusal {
  readonly code: ProblemCode;
  readonly path: Path;
  readonly detail: string;
}

const SHARED: Refusal = {
  code: 'yaml-feature',
  path: ['spec', 'green'],
  detail: 'the edit would change more than green, through an anchor',
};

function refusal(from: 'AtRest' | Stage, named: boolean): Refusal | undefined {
  if (from === 'AtRest') {
    if (named) return undefined;
    return { code: 'next-needs-green', path: ['spec'], detail: 'the file is at rest' };
  }
  if (named) return { code: 'next-green-exists', path: ['spec', 'green'], detail: `green is at stage ${from}` };
  if (from === 'Prepare') return undefined;
  return { code: 'not-supported-yet', path: STAGE, detail: `what comes after ${from}` };
}

function refuse({ code, path, detail }: Refusal, { yaml, text }: Read, file: string): Problem {
  const place = placeOf(text, locate(yaml.document, path, 'key'));
  const { remedy } = { ...FILE_ERRORS, ...COMMAND_ERRORS }[code];
  return { code, file, ...place, path: formatPath(path), detail, remedy };
}

/** Whether the edit did what it was meant to, and nothing else. */
function isMovedOn(before: Lifecycle, after: Lifecycle, to: Stage, green: NewGreen | undefined): boolean {
  const { green: old, ...rest } = before.spec;
  const { green: now, ...same } = after.spec;
  const isGreen = green ? now?.name === green.name && now.version === green.version : equal({ ...old, stage: to }, now);
  return now?.stage === to && isGreen && equal([before.metadata, rest], [after.metadata, same]);
}

/** Parsed lifecycles have their fields in the schema's order. */
function equal(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
