import { markdown } from './markdown.ts';
import { isTable, type Block, type Page } from './page.ts';

const bytes = (text: string): number => new TextEncoder().encode(text).length;
const left = (what: string): Block => ({
  line: [`There is no room here for ${what}: lifecycle plan --base shows it.`],
});

/**
 * The page as Markdown of at most so many bytes of UTF-8: tables go first, from the last to the first, then what stands last; a line says
 * so each time. The same page is always shortened the same way.
 * @param most the last line has to fit: 200
 */
export function markdownWithin(page: Page, most: number): string {
  const pieces = page.map((block) => markdown([block]));
  // A line end between two.
  let size = pieces.reduce((sum, piece) => sum + bytes(piece) + 1, -1);
  const put = (index: number, block: Block): void => {
    const piece = markdown([block]);
    size += bytes(piece) - bytes(pieces[index] ?? '');
    pieces[index] = piece;
  };
  for (const [index, block] of [...page.entries()].reverse())
    if (size > most && isTable(block)) put(index, left(block.of));
  while (size > most && pieces.length > 1) {
    size -= bytes(pieces.pop() ?? '') + 1;
    put(pieces.length - 1, left('the rest'));
  }
  return pieces.join('\n');
}
