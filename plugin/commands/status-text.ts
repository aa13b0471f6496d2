import Table from 'cli-table3';
import picocolors from 'picocolors';
import { approvedText } from '../lifecycle/approved-text.ts';
import { areClientsOff } from '../steps/ledger/clients-off.ts';
import { secondsText } from '../review/seconds-text.ts';
import { givenUpText } from '../lifecycle/given-up-text.ts';
import type { StatusView, StepStatus } from './status-view.ts';

type Colours = ReturnType<typeof picocolors.createColors>;

/** A table for a terminal: what serves, how far the plan is, step by step. */
export function statusTable(view: StatusView, colours: boolean): string {
  const paint = picocolors.createColors(colours);
  const { lifecycle, namespace, plan, digest } = view;
  const table = new Table({
    head: ['wave', 'step', 'state', 'time', 'evidence'],
    style: { head: [], border: [], compact: true },
    colWidths: [10, 16, 9, 10, 66],
    wordWrap: true,
  });
  for (const step of view.steps) table.push(row(step, paint));
  return [
    paint.bold(`${lifecycle} in ${namespace}: ${plan} (plan ${digest})`),
    ...notes(view),
    table.toString(),
    ...(view.message === undefined ? [] : [view.message]),
    '',
  ].join('\n');
}

const row = ({ wave, step, state, seconds: taken, reason, evidence = {} }: StepStatus, paint: Colours): string[] => [
  String(wave),
  paint.cyan(step),
  painted(state ?? '', paint),
  taken === undefined ? '' : secondsText(taken),
  reason ??
    Object.entries(evidence)
      .map(([name, value]) => `${name} ${String(value)}`)
      .join(', '),
];

function painted(state: string, { green, red, yellow, dim }: Colours): string {
  if (state === 'Done') return green(state);
  if (state === 'Failed') return red(state);
  return state === 'Started' ? yellow(state) : dim(state);
}

function notes({
  phase,
  serving,
  awaitingApproval,
  window,
  restore,
  beside,
  brokenGlass,
}: StatusView): readonly string[] {
  return [
    phase === undefined ? undefined : `Phase: ${phase}`,
    serving && `Serving: ${serving.instance} ${serving.version}, since ${serving.since}`,
    awaitingApproval === undefined ? undefined : `Awaiting approval of ${awaitingApproval}`,
    window && windowText(window),
    restore && restoreText(restore),
    beside && besideText(beside),
    ...brokenGlass.map(({ object, until, reason }) => `Not guarded: ${object} until ${until} (${reason})`),
  ].filter((line) => line !== undefined);
}

function windowText(window: NonNullable<StatusView['window']>): string {
  const { state, attempt, blue, green, reason, seconds: taken, parts = {}, budgetSeconds, lostWrites } = window;
  const length = taken === undefined ? '' : ` ${secondsText(taken)} of`;
  const named = Object.entries(parts).map(([part, value]) => `${part} ${secondsText(value)}`);
  return [
    `Window ${blue} → ${green}, attempt ${attempt}: ${state},${length} at most ${secondsText(budgetSeconds)}`,
    ...(named.length === 0 ? [] : [`parts: ${named.join(', ')}`]),
    ...(lostWrites === undefined ? [] : [`lost writes: ${lostWrites}`]),
    ...(reason === undefined ? [] : [reason]),
  ].join('; ');
}

function restoreText(restore: NonNullable<StatusView['restore']>): string {
  const { id, state, target, approvedBy, pullRequest, reason, clientsOffAt, clientsBackAt } = restore;
  return [
    `Restore ${id} to ${target}: ${state}`,
    ...(approvedBy ? [approvedText(approvedBy, pullRequest)] : []),
    ...(areClientsOff(restore) ? [`clients are off since ${clientsOffAt ?? ''}`] : []),
    ...(clientsBackAt === undefined ? [] : [`clients are back since ${clientsBackAt}`]),
    ...(reason === undefined ? [] : [reason]),
  ].join('; ');
}

function besideText(beside: NonNullable<StatusView['beside']>): string {
  const { id, state, instance, source, target, approvedBy, pullRequest, reason, givenUpUntil } = beside;
  return [
    `Restore ${id} of ${source} to ${target}, as ${instance}: ${state}`,
    ...(approvedBy ? [approvedText(approvedBy, pullRequest)] : []),
    ...(givenUpUntil === undefined
      ? []
      : [`what was written after the target, until ${givenUpUntil}${givenUpText(beside)}, is on ${source}`]),
    ...(reason === undefined ? [] : [reason]),
  ].join('; ');
}

/**
 * What has changed from one look to the next, a line each: for logs. The first look tells where things stand.
 * @param after without a clock, which would change every line
 */
export function statusLines(before: StatusView | undefined, after: StatusView, now: Date): readonly string[] {
  const known = new Set(before ? lines(before) : []);
  return lines(after)
    .filter((line) => !known.has(line))
    .map((line) => `${now.toISOString()} ${line}`);
}

function lines(view: StatusView): readonly string[] {
  const { lifecycle, plan, digest, message, steps } = view;
  const begun = steps.filter(({ state }) => state !== undefined && state !== 'Waiting');
  return [
    `${lifecycle}: ${plan} (plan ${digest})`,
    ...notes(view),
    ...begun.map(({ step, state, seconds: taken, reason }) =>
      [
        `${step}:`,
        state,
        ...(taken === undefined ? [] : [secondsText(taken)]),
        ...(reason === undefined ? [] : [reason]),
      ].join(' '),
    ),
    ...(message === undefined ? [] : [message]),
  ];
}
