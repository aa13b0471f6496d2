import { givenUpText } from '../lifecycle/given-up-text.ts';
import { listed, say, textOfWords, type Words } from './page.ts';
import type { PlanView } from './plan-view.ts';
import { secondsText } from './seconds-text.ts';

/** What a plan says in sentences; the same in a terminal and on a pull request. */

/** `bestie 1.3 → bestie2 1.4`, and what the plan is called. */
export function headline({ lifecycle, plan, digest, blue, green }: PlanView): string {
  const to = green ? ` → ${green.name} ${green.version}` : '';
  return `${lifecycle}: ${plan}, ${blue.name} ${blue.version}${to} (plan ${digest})`;
}

/** @param measured whether a saved status was looked at, which knows what a rehearsal measured */
export function notes(view: PlanView, measured = true): readonly Words[] {
  return [
    say`The Service selects ${view.serves} in the end.`,
    ...windowWords(view, measured),
    ...restoreWords(view),
    ...(view.window?.verify ? [[`Green is compared with blue ${VERIFY[view.window.verify]}.`]] : []),
    ...(view.serving === undefined ? [] : [say`Serving now: ${view.serving}`]),
    ...(view.message === undefined ? [] : [say`Last message: ${view.message}`]),
  ];
}

const UNKNOWN = 'unknown until rehearsed (stage Prepare); lifecycle plan --status FILE shows what a rehearsal measured';

function windowWords({ window }: PlanView, measured: boolean): readonly Words[] {
  if (!window) return [];
  const budget = `undone after ${secondsText(window.budgetSeconds)}`;
  if (!measured && 'verify' in window) return [[`Expected window: ${UNKNOWN} (${budget})`]];
  if ('expected' in window) return [[`Expected window: ${window.expected} (${budget})`]];
  const parts = Object.entries(window.parts).map(([part, value]) => `${part} ${secondsText(value)}`);
  return [[`Expected window: ${secondsText(window.expectedSeconds)} (${parts.join(', ')}; ${budget})`]];
}

type RestoreView = NonNullable<PlanView['restore']>;

function restoreWords(view: PlanView): readonly Words[] {
  const { restore } = view;
  if (!restore) return [];
  if (restore.beside !== undefined) return besideWords(view, restore);
  const { id, repository, target, applicationVersion, keeps, approval, state, givenUpFrom, givenUpUntil } = restore;
  const given =
    givenUpFrom === undefined ? ['after the target'] : say`from ${givenUpFrom} to ${givenUpUntil ?? ['the pause']}`;
  return [
    say`The database is restored over, from ${repository} to ${target}; version ${applicationVersion} runs on it.`,
    ['Clients are off from pause to traffic.'],
    say`What was written ${given} is given up. To bring it back: a restore with a new id and target: ${`{ undo: ${id} }`}; ${repository} keeps it ${[keeps]}.`,
    approvalWords(approval),
    ...(state === undefined ? [] : [say`Restore ${id} is ${[state]}.`]),
  ];
}

function besideWords({ blue, plan }: PlanView, restore: RestoreView): readonly Words[] {
  const { id, beside = '', repository, target, applicationVersion, approval } = restore;
  const { state, givenUpFrom, givenUpUntil } = restore;
  const since = givenUpFrom === undefined ? ['after the target'] : say`after ${givenUpFrom}`;
  const until = givenUpUntil === undefined ? [] : say`, until ${givenUpUntil}`;
  return [
    say`${beside} is made from ${repository} as it was at ${target}; version ${applicationVersion} runs on it.`,
    endOf(plan, beside, blue.name, [...since, ...until, givenUpText(restore)]),
    approvalWords(approval, INSTEAD[plan]),
    ...(state === undefined ? [] : [say`Restore ${id} is ${[state]}.`]),
  ];
}

/** What becomes of it, and of what clients wrote since the target. */
function endOf(plan: PlanView['plan'], beside: string, blue: string, since: Words): Words {
  if (plan === 'RestoreBeside')
    return say`${blue} is not touched. The application reads there only; it goes when the restore is taken out of the file.`;
  const led = say`Clients are led to ${beside}. What they wrote ${since} is`;
  return plan === 'Recover'
    ? say`${led} lost with ${blue}, of which nothing is rendered.`
    : say`${led} on ${blue} only, whose database is kept, closed.`;
}

const INSTEAD: Partial<Record<PlanView['plan'], string>> = {
  SwitchRestored: 'it is rendered with stage: Prepare, where that is approved, and else as if it had no restore',
  Recover: 'no database is rendered',
};

function approvalWords(
  { state, request, approvers = [], pullRequest, until, problem }: RestoreView['approval'],
  instead = 'the file is rendered as if it had no restore',
): Words {
  if (state === 'not needed') return say`It needs no approval here (request ${request}).`;
  if (state === 'given')
    return say`Approved by ${listed(approvers)}${pullRequest === undefined ? '' : ` in ${pullRequest}`}, if it begins before ${until ?? ''} (request ${request}).`;
  const why = problem === undefined ? '' : ` (${problem})`;
  return say`It needs an approval of request ${request}; until then ${[`${instead}${why}`]}.`;
}

const VERIFY = {
  Physical: 'by system, restore point, catalogs, sequences and the ends of files; no row is read (verify: Physical)',
  Full: 'by every row, which reads both databases whole inside the window (verify: Full)',
} as const;

type StepView = PlanView['steps'][number];

export const stateText = ({ state = '', seconds: taken }: StepView): string =>
  taken === undefined ? state : `${state} ${secondsText(taken)}`;

export const hasStates = ({ steps }: PlanView): boolean => steps.some(({ state }) => state !== undefined);

/** Many objects of a kind in one line: the access wave has three a step. */
export function grouped(objects: readonly string[]): string {
  const kinds = new Map<string, string[]>();
  for (const object of objects) {
    const [kind = '', name = ''] = object.split(' ');
    kinds.set(kind, [...(kinds.get(kind) ?? []), name]);
  }
  return [...kinds]
    .map(([kind, names]) => (names.length > 2 ? `${names.length} ${kind}s` : `${kind} ${names.join(', ')}`))
    .join('\n');
}

export const noteTexts = (view: PlanView): readonly string[] => notes(view).map(textOfWords);
