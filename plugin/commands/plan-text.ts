import Table from 'cli-table3';
import picocolors from 'picocolors';
import { markdown } from '../review/markdown.ts';
import type { PlanView } from '../review/plan-view.ts';
import { grouped, hasStates, headline, noteTexts, notes, stateText } from '../review/plan-words.ts';

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
  return [bold(headline(view)), table.toString(), ...noteTexts(view), ''].join('\n');
}

/** For a comment on a pull request. */
export function planMarkdown(view: PlanView): string {
  const states = hasStates(view);
  return markdown([
    { heading: [headline(view)], level: 3 },
    {
      of: 'the waves',
      table: {
        head: ['wave', 'step', 'does', 'proves', 'objects', ...(states ? ['state'] : [])],
        rows: view.steps.map((each) => [
          [String(each.wave)],
          [each.step],
          [each.does],
          [each.proves],
          [grouped(each.objects).replaceAll('\n', '; ')],
          ...(states ? [[stateText(each)]] : []),
        ]),
      },
    },
    { list: notes(view) },
  ]);
}
