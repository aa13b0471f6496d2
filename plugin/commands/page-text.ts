import Table from 'cli-table3';
import picocolors from 'picocolors';
import { textOfWords, type Block, type Page, type Words } from '../review/page.ts';
import { visible } from '../review/visible.ts';

const WIDEST = 44;

/** A page for a terminal; what files say can neither colour it nor move its cursor. */
export function pageText(page: Page, colours: boolean): string {
  const { bold } = picocolors.createColors(colours);
  const text = (words: Words): string => visible(textOfWords(words));
  const print = (block: Block): string => {
    if ('heading' in block) return bold(text(block.heading));
    if ('line' in block) return text(block.line);
    if ('list' in block) return block.list.map((each) => `- ${text(each)}`).join('\n');
    const rows = [block.table.head, ...block.table.rows.map((row) => row.map(text))];
    const widths = block.table.head.map((_, at) =>
      Math.min(WIDEST, Math.max(...rows.map((row) => row[at]?.length ?? 0)) + 2),
    );
    const table = new Table({
      style: { head: [], border: [] },
      colWidths: widths,
      wordWrap: true,
      wrapOnWordBoundary: false,
    });
    table.push(...rows.map((row) => [...row]));
    return table.toString();
  };
  return `${page.map(print).join('\n\n')}\n`;
}
