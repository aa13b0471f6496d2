import type { Block, Code, Page, Words } from './page.ts';
import { visible } from './visible.ts';

/**
 * A page as Markdown for GitHub, GitLab and Gitea. The one place where text is made safe for it: all that is printed goes through
 * `plain` or `spanned`, whether it comes from a file, a source host or from us. Nothing in it can become structure, HTML, a link, a
 * mention of somebody, a reference to an issue, a command of GitLab or a marker.
 */
export const markdown = (page: Page): string => page.map((block) => `${print(block)}\n`).join('\n');

function print(block: Block): string {
  if ('heading' in block) return `${'#'.repeat(block.level)} ${inline(block.heading)}`;
  if ('line' in block) return inline(block.line);
  if ('list' in block) return block.list.map((each) => `- ${inline(each)}`).join('\n');
  const { head, rows } = block.table;
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [row(head.map(plain)), row(head.map(() => '---')), ...rows.map((cells) => row(cells.map(cell)))].join('\n');
}

/** Two spans that touch would be one. */
const join = (words: Words, span: (code: Code) => string): string =>
  words
    .map((word, index) => {
      if (typeof word === 'string') return index === 0 ? first(word) : plain(word);
      const before = words[index - 1];
      return `${before === undefined || typeof before === 'string' ? '' : BREAK}${span(word)}`;
    })
    .join('');

const inline = (words: Words): string => join(words, spanned);
/** A pipe ends a cell, also within code, and not every source host lets it be escaped there. */
const cell = (words: Words): string =>
  join(words, (word) => (word.code.includes('|') ? plain(word.code) : spanned(word)));

/** Seen by nobody, but between `@` and a name it ends the mention. */
const BREAK = '&#8203;';
/** In its place as long as characters are still to be written as entities; `visible` lets none through. */
const MARK = '\u{0}';

const SPECIAL = /[\0&<>\\`*_[\]|~$]/g;
/** `@alice`, `#12`, `!12`, `$12`, `%12`, `&12`, `~label`, `https://`, `:tada:`; no more than that: what is copied has it in it. Also
 * where the next word goes on. */
const SIGN = /[@#!$%&~](?=[\w"]|$)|:(?=\/\/|[a-z+-][\w+-]*:|$)/g;
/** `GH-12`, `JIRA-12`. */
const ISSUE = /(?<=\b(?:gh|[A-Z][A-Z0-9]+))-(?=\d|$)/g;
const HOST = /(?<=www)\./gi;
/** What begins a block where it stands first: a heading, an item, code, a command of GitLab. */
const FIRST = /^(?=[-+=#/:\s]|\d+[.)])/;

/** Text that is read as nothing but text. */
const plain = (text: string): string => entities(marked(visible(text)));

/** The same at the beginning of a block. */
const first = (text: string): string => entities(marked(visible(text)).replace(FIRST, MARK));

const marked = (text: string): string =>
  text.replaceAll(SIGN, `$&${MARK}`).replaceAll(ISSUE, `$&${MARK}`).replaceAll(HOST, `$&${MARK}`);

const entities = (text: string): string =>
  text.replaceAll(SPECIAL, (character) => (character === MARK ? BREAK : `&#${character.charCodeAt(0)};`));

/** Within a span nothing is read; it ends at as many backticks as it began with. */
function spanned({ code }: Code): string {
  // Whoever looks for a comment of ours by its marker is to find none in what a file says.
  const text = visible(code).replaceAll('<!--', '<! --');
  if (text === '') return '(empty)';
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  const pad = /^[` ]|[` ]$/.test(text) ? ' ' : '';
  return `${fence}${pad}${text}${pad}${fence}`;
}
