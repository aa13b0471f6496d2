import Table from 'cli-table3';
import picocolors from 'picocolors';
import { givenUpText } from '../steps/ledger/given-up-text.ts';
import type { PlanView } from './plan-view.ts';
import { secondsText } from './seconds-text.ts';

/** `bestie 1.3 → bestie2 1.4`, and what the plan is called. */
function headline({ lifecycle, plan, digest, blue, green }: PlanView): string {
  const to = green ? ` → ${green.name} ${green.version}` : '';
  return `${lifecycle}: ${plan}, ${blue.name} ${blue.version}${to} (plan ${digest})`;
}

function windowText({ window }: PlanView): string | undefined {
  if (!window) return undefined;
  const budget = `undone after ${secondsText(window.budgetSeconds)}`;
  if ('expected' in window) return `Expected window: ${window.expected} (${budget})`;
  const parts = Object.entries(window.parts).map(([part, value]) => `${part} ${secondsText(value)}`);
  return `Expected window: ${secondsText(window.expectedSeconds)} (${parts.join(', ')}; ${budget})`;
}

type RestoreApproval = NonNullable<PlanView['restore']>['approval'];

function restoreText(view: PlanView): readonly string[] {
  const { restore } = view;
  if (!restore) return [];
  if (restore.beside !== undefined) return besideText(view, restore);
  const { id, repository, target, applicationVersion, keeps, approval, state, givenUpFrom, givenUpUntil } = restore;
  const given =
    givenUpFrom === undefined ? `after the target` : `from ${givenUpFrom} to ${givenUpUntil ?? 'the pause'}`;
  return [
    `The database is restored over, from ${repository} to ${target}; version ${applicationVersion} runs on it.`,
    'Clients are off from pause to traffic.',
    `What was written ${given} is given up. To bring it back: a restore with a new id and target: { undo: ${id} }; ${repository} keeps it ${keeps}.`,
    approvalText(approval),
    ...(state === undefined ? [] : [`Restore ${id} is ${state}.`]),
  ];
}

function besideText({ blue, plan }: PlanView, restore: NonNullable<PlanView['restore']>): readonly string[] {
  const { id, beside = '', repository, target, applicationVersion, approval } = restore;
  const { state, givenUpFrom, givenUpUntil } = restore;
  const since = givenUpFrom === undefined ? 'after the target' : `after ${givenUpFrom}`;
  const until = givenUpUntil === undefined ? '' : `, until ${givenUpUntil}`;
  return [
    `${beside} is made from ${repository} as it was at ${target}; version ${applicationVersion} runs on it.`,
    endOf(plan, beside, blue.name, `${since}${until}${givenUpText(restore)}`),
    approvalText(approval, INSTEAD[plan]),
    ...(state === undefined ? [] : [`Restore ${id} is ${state}.`]),
  ];
}

/** What becomes of it, and of what clients wrote since the target. */
function endOf(plan: PlanView['plan'], beside: string, blue: string, since: string): string {
  if (plan === 'RestoreBeside')
    return `${blue} is not touched. The application reads there only; it goes when the restore is taken out of the file.`;
  const led = `Clients are led to ${beside}. What they wrote ${since} is`;
  return plan === 'Recover'
    ? `${led} lost with ${blue}, of which nothing is rendered.`
    : `${led} on ${blue} only, whose database is kept, closed.`;
}

const INSTEAD: Partial<Record<PlanView['plan'], string>> = {
  SwitchRestored: 'it is rendered with stage: Prepare, where that is approved, and else as if it had no restore',
  Recover: 'no database is rendered',
};

function approvalText(
  { state, request, approvers = [], until, problem }: RestoreApproval,
  instead = 'the file is rendered as if it had no restore',
): string {
  if (state === 'not needed') return `It needs no approval here (request ${request}).`;
  if (state === 'given')
    return `Approved by ${approvers.join(', ')}, if it begins before ${until ?? ''} (request ${request}).`;
  return `It needs an approval of request ${request}; until then ${instead} (${problem ?? ''}).`;
}

const VERIFY = {
  Physical: 'by system, restore point, catalogs, sequences and the ends of files; no row is read (verify: Physical)',
  Full: 'by every row, which reads both databases whole inside the window (verify: Full)',
} as const;

function notes(view: PlanView): readonly string[] {
  return [
    `The Service selects ${view.serves} in the end.`,
    windowText(view),
    ...restoreText(view),
    view.window?.verify && `Green is compared with blue ${VERIFY[view.window.verify]}.`,
    view.serving === undefined ? undefined : `Serving now: ${view.serving}`,
    view.message === undefined ? undefined : `Last message: ${view.message}`,
  ].filter((line) => line !== undefined);
}

const stateText = ({ state = '', seconds: taken }: PlanView['steps'][number]): string =>
  taken === undefined ? state : `${state} ${secondsText(taken)}`;

const hasStates = ({ steps }: PlanView): boolean => steps.some(({ state }) => state !== undefined);

/** A table for a terminal. */
export function planTable(view: PlanView, colours: boolean): string {
  const { bold, cyan, green, red } = picocolors.createColors(colours);
  const states = hasStates(view);
  const paint = (state: string): string =>
    state.startsWith('Done') ? green(state) : state.startsWith('Failed') ? red(state) : state;
  const table = new Table({
    head: ['wave', 'step', 'does', 'proves', 'objects', ...(states ? ['state'] : [])],
    style: { head: [], border: [], compact: false },
    colWidths: [10, 16, 34, 34, 40, ...(states ? [14] : [])],
    wordWrap: true,
  });
  for (const each of view.steps) {
    const { wave, step, does, proves, objects } = each;
    table.push([String(wave), cyan(step), does, proves, grouped(objects), ...(states ? [paint(stateText(each))] : [])]);
  }
  return [bold(headline(view)), table.toString(), ...notes(view), ''].join('\n');
}

/** Many objects of a kind in one line: the access wave has three a step. */
function grouped(objects: readonly string[]): string {
  const kinds = new Map<string, string[]>();
  for (const object of objects) {
    const [kind = '', name = ''] = object.split(' ');
    kinds.set(kind, [...(kinds.get(kind) ?? []), name]);
  }
  return [...kinds]
    .map(([kind, names]) => (names.length > 2 ? `${names.length} ${kind}s` : `${kind} ${names.join(', ')}`))
    .join('\n');
}

const cell = (text: string): string => text.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ');

/** For a comment on a pull request. */
export function planMarkdown(view: PlanView): string {
  const states = hasStates(view);
  const head = ['wave', 'step', 'does', 'proves', 'objects', ...(states ? ['state'] : [])];
  const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  const rows = view.steps.map((each) =>
    row([
      String(each.wave),
      each.step,
      each.does,
      each.proves,
      grouped(each.objects).replaceAll('\n', '; '),
      ...(states ? [stateText(each)] : []),
    ]),
  );
  const rule = row(head.map(() => '---'));
  return [
    `### ${headline(view)}`,
    '',
    row(head),
    rule,
    ...rows,
    '',
    ...notes(view).map((line) => `- ${line}`),
    '',
  ].join('\n');
}
