import type { Problem } from '../lifecycle/problem.ts';
import { meaningOf } from './meaning.ts';
import { say, type Block, type Page, type TableBlock, type Words } from './page.ts';
import type { PlanView } from './plan-view.ts';
import { hasStates, notes, stateText } from './plan-words.ts';
import type { FileReview, PlanBefore, Review } from './review.ts';
import { undoOf } from './undo.ts';

/** A review as people read it, whatever it is printed on. */
export function reviewPage({ commits, files, problems }: Review): Page {
  const compared = say`${commits.base.slice(0, 12)} → ${commits.head.slice(0, 12)}`;
  if (files.length === 0 && problems.length === 0)
    return [{ heading: ['Lifecycles'], level: 2 }, { line: [...compared, ': no lifecycle file changes.'] }];
  return [
    { heading: ['Lifecycles'], level: 2 },
    { line: [...compared, `: ${many(files.length, 'lifecycle file')}, ${many(problems.length, 'problem')}.`] },
    ...(problems.length === 0 ? [] : [{ list: problems.slice(0, MOST_PROBLEMS).map((each) => problemWords(each)) }]),
    ...(problems.length > MOST_PROBLEMS ? [{ line: [`And ${problems.length - MOST_PROBLEMS} more.`] }] : []),
    ...(files.length > 1 ? [overview(files)] : []),
    ...files.filter(({ skipped }) => skipped !== true).flatMap(fileBlocks),
    ...skippedLine(files),
  ];
}

const MOST_PROBLEMS = 100;

const problemWords = ({ code, file, line, column, path, detail, remedy }: Problem): Words => [
  ...say`${`${file}:${line}:${column}`}`,
  ...(path === '' ? [] : say` ${path}`),
  ` ${code}: ${detail}; ${remedy}`,
];

/** `1 problem`, `no problems`. */
const many = (count: number, thing: string): string =>
  `${count === 0 ? 'no' : count} ${thing}${count === 1 ? '' : 's'}`;

const overview = (files: readonly FileReview[]): TableBlock => ({
  of: 'the files',
  table: {
    head: ['file', 'change', 'plan before', 'plan after'],
    rows: files.map((file) => [say`${file.path}`, [changeText(file)], planText(file.before), planText(file.after)]),
  },
});

const changeText = ({ change }: FileReview): string => (change === 'templates' ? 'templates changed' : change);

const planText = (plan: PlanBefore | PlanView | undefined): Words =>
  plan === undefined ? ['–'] : say`${[plan.plan]} ${plan.digest}`;

function skippedLine(files: readonly FileReview[]): readonly Block[] {
  const skipped = files.filter(({ skipped: is }) => is === true).length;
  return skipped === 0
    ? []
    : [
        {
          line: [
            `${many(skipped, 'more lifecycle file')}: too many to look into here; lifecycle plan --base takes a folder.`,
          ],
        },
      ];
}

function fileBlocks(file: FileReview): readonly Block[] {
  const { path, from, after, change } = file;
  return [
    { heading: [...say`${path}`, ` ${changeText(file)}`, ...(from === undefined ? [] : say` from ${from}`)], level: 3 },
    { line: plans(file) },
    ...listOf(meaningOf(file)),
    ...fieldTable(file),
    ...(after ? [waves(path, after)] : []),
    ...(after ? [{ list: [...notes(after, file.measured), [...say`To undo it: `, ...undoOf(after)]] }] : []),
    ...(after || change === 'removed'
      ? []
      : [{ line: ['It cannot be read, so that there is no plan: what is deployed stays as it is until it can.'] }]),
  ];
}

const listOf = (items: readonly Words[]): readonly Block[] => (items.length === 0 ? [] : [{ list: items }]);

function plans({ before, after }: FileReview): Words {
  if (before && after) return say`Plan: ${planWords(before)} → ${planWords(after)}.`;
  if (after) return say`Plan: ${planWords(after)}.`;
  return before ? say`Plan before: ${planWords(before)}.` : ['Plan: none.'];
}

function planWords({ lifecycle, plan, digest, blue, green }: PlanBefore | PlanView): Words {
  const to = green ? say` → ${`${green.name} ${green.version}`}` : [];
  return say`${[plan]} of ${lifecycle}, ${`${blue.name} ${blue.version}`}${to} (${digest})`;
}

function fieldTable({ path, fields, moreFields }: FileReview): readonly Block[] {
  if (fields.length === 0) return [];
  const value = (text: string | undefined): Words => (text === undefined ? ['–'] : say`${text}`);
  return [
    {
      of: `the fields of ${path}`,
      table: {
        head: ['field', 'before', 'after'],
        rows: fields.map(({ field, before, after }) => [say`${field}`, value(before), value(after)]),
      },
    },
    ...(moreFields === 0 ? [] : [{ line: [`And ${many(moreFields, 'more field')}.`] }]),
  ];
}

function waves(path: string, view: PlanView): Block {
  const states = hasStates(view);
  return {
    of: `the waves of ${path}`,
    table: {
      head: ['wave', 'step', 'does', 'proves', ...(states ? ['state'] : [])],
      rows: view.steps.map((each) => [
        [String(each.wave)],
        [each.step],
        [each.does],
        [each.proves],
        ...(states ? [[stateText(each)]] : []),
      ]),
    },
  };
}
