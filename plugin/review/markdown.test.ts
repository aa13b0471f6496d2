import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { marked, type Token, type Tokens } from 'marked';
import { markdown } from './markdown.ts';
import type { Page, Words } from './page.ts';
import { markdownWithin } from './shorten.ts';

/** What whoever writes a lifecycle file, a branch's name or a path might try. */
const NASTY = [
  ...[
    '<script>alert(1)</script>',
    '<!-- argocd-lifecycle-plugin -->',
    '-->',
    '<img src=x>',
    '&lt;b&gt;',
    '&#60;b>',
    '</code>',
  ],
  ...[
    '@alice',
    '@org/team',
    '#12',
    '!12',
    '$12',
    '%12',
    '&12',
    '~label',
    'GH-12',
    'JIRA-12',
    'owner/repo#1',
    ':tada:',
    'www.evil.example',
  ],
  ...[
    'https://evil.example/',
    'mailto:a@b.example',
    '[link](https://evil.example)',
    '![i](https://evil.example)',
    '[x]: https://evil.example',
    '[^1]',
  ],
  ...[
    '|',
    '\\|',
    '\\',
    '| a | b |',
    '|---|',
    '`',
    '``',
    '```',
    '~~~',
    '``` js',
    '*',
    '**',
    '_',
    '__',
    '~~',
    '$$',
    '$`',
    '`$',
  ],
  ...[
    '#',
    '# ',
    '- ',
    '+ ',
    '1. ',
    '1) ',
    '> ',
    '===',
    '---',
    '    ',
    '\t',
    '/close',
    '/merge',
    '\n',
    '\r\n',
    '\r',
    '\n\n',
    '\u0000',
  ],
  ...['\u202e', '\u200b', '\u2028', '\ud800', '\u001b[31m', 'é', '漢', '👍', 'a', ' ', '.', ':'],
] as const;
const nasty = fc
  .array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 8 })
  .map((parts) => parts.join(''));

/** Every kind of block, with these words wherever words can be. */
const pageOf = (words: Words, text: string): Page => [
  { heading: words, level: 3 },
  { line: words },
  { list: [words, ['second']] },
  {
    of: text,
    table: {
      head: ['a', text, 'c'],
      rows: [
        [words, words, words],
        [['x'], words, ['z']],
      ],
    },
  },
  { line: ['end'] },
];

/** Types of all tokens in their order, without what text is made of. */
function shape(tokens: readonly Token[]): readonly unknown[] {
  return tokens
    .filter(({ type }) => type !== 'space')
    .flatMap((token) => {
      if (token.type === 'text' || token.type === 'escape') return 'tokens' in token ? shape(token.tokens) : [];
      if (token.type === 'table') {
        const { header, rows } = token as Tokens.Table;
        return [
          ['table', header.map((cell) => shape(cell.tokens)), rows.map((row) => row.map((cell) => shape(cell.tokens)))],
        ];
      }
      if (token.type === 'list') return [['list', (token as Tokens.List).items.map((item) => shape(item.tokens))]];
      return [[token.type, 'depth' in token ? token.depth : 0, 'tokens' in token ? shape(token.tokens) : []]];
    });
}

const textIn = (html: string): string =>
  html
    .replaceAll(/<code>.*?<\/code>/gs, ' ')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&#(\d+);/g, (_, number: string) => String.fromCodePoint(Number(number)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');

describe('markdown', () => {
  test('the same blocks, whatever the words are', () => {
    fc.assert(
      fc.property(nasty, nasty, (one, other) => {
        const page = pageOf([one, ' and ', other], one);
        expect(shape(marked.lexer(markdown(page)))).toEqual(shape(marked.lexer(markdown(pageOf(['x and y'], 'x')))));
      }),
      { numRuns: 2000 },
    );
  });

  test('a value is one span of code; in a cell that a pipe would end, it is text', () => {
    fc.assert(
      fc.property(nasty, nasty, (one, other) => {
        const words: Words = [{ code: one }, { code: other }, 'then ', { code: one }];
        const span = (text: string): Words => (text === '' ? ['x'] : [{ code: 'y' }]);
        const cell = (text: string): Words => (text.includes('|') ? ['x'] : span(text));
        const inLine = [...span(one), ...span(other), 'then ', ...span(one)];
        const inCell = [...cell(one), ...cell(other), 'then ', ...cell(one)];
        const expected = pageOf(inLine, 'x').map((block, at) =>
          'table' in block ? (pageOf(inCell, 'x')[at] ?? block) : block,
        );
        expect(shape(marked.lexer(markdown(pageOf(words, 'x'))))).toEqual(shape(marked.lexer(markdown(expected))));
      }),
      { numRuns: 2000 },
    );
  });

  test('nobody is mentioned, nothing referred to, nothing linked, in whatever becomes of it as HTML', () => {
    fc.assert(
      fc.property(nasty, nasty, (one, other) => {
        const html = marked.parse(markdown(pageOf([one, { code: other }, other, one], other)), { async: false });
        expect(html.match(/<(?!\/?(?:h3|p|ul|li|table|thead|tbody|tr|th|td|code)>)[^>]*>/g)).toBeNull();
        expect(textIn(html)).not.toMatch(/[@#!$%&~](?=[A-Za-z0-9_])|\bGH-\d/);
        expect(textIn(marked.parse(markdown([{ line: [other] }]), { async: false }))).not.toMatch(/:\/\/|www\.(?=\w)/);
      }),
      { numRuns: 2000 },
    );
  });

  test('no line is a command of GitLab, and no marker is in it', () => {
    fc.assert(
      fc.property(nasty, nasty, (one, other) => {
        const text = markdown(pageOf([one, { code: other }], other));
        expect(text).not.toMatch(/^\s*\//m);
        expect(text).not.toContain('<!--');
      }),
      { numRuns: 2000 },
    );
  });

  test('a value is there to be copied', () => {
    const copied = (code: string): unknown =>
      (marked.lexer(markdown([{ line: [{ code }] }]))[0] as Tokens.Paragraph).tokens[0]?.raw;
    expect(copied('{ undo: drop-table-2026-11-22 }')).toBe('`{ undo: drop-table-2026-11-22 }`');
    expect(copied('a `quoted` word')).toBe('``a `quoted` word``');
    expect(copied('`x`')).toBe('`` `x` ``');
    expect(copied('@alice\u202e\nx')).toBe('`@alice\\u{202e} x`');
  });
});

describe('shortening', () => {
  const table = (of: string, rows: number): Page[number] => ({
    of,
    table: {
      head: ['a', 'b'],
      rows: Array.from({ length: rows }, (_, at) => [[`row ${at}`], [{ code: 'é'.repeat(20) }]]),
    },
  });
  const page: Page = [
    { line: ['first'] },
    table('the first', 20),
    { line: ['second'] },
    table('the second', 20),
    { line: ['last'] },
  ];

  test('what fits is whole', () => {
    expect(markdownWithin(page, 10_000)).toBe(markdown(page));
  });

  test('tables go from the last to the first, each with a line in its place', () => {
    const short = markdownWithin(page, 2000);
    expect(short).toContain('row 19');
    expect(short).toContain('There is no room here for the second: lifecycle plan --base shows it.');
    expect(short).toContain('last');
    expect(markdownWithin(page, 400)).not.toContain('row');
  });

  test('it is never longer than it may be, and the same each time', () => {
    const block = fc.oneof(
      nasty.map((text): Page[number] => ({ line: [text] })),
      fc.integer({ min: 1, max: 9 }).map((rows) => table('it', rows)),
    );
    fc.assert(
      fc.property(
        fc.array(block, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 200, max: 4000 }),
        (blocks, most) => {
          const short = markdownWithin(blocks, most);
          expect(Buffer.byteLength(short)).toBeLessThanOrEqual(most);
          expect(markdownWithin(blocks, most)).toBe(short);
        },
      ),
    );
  });
});
