import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { parseLifecycle } from '../../plugin/lifecycle/parse.ts';
import { readYaml } from '../../plugin/lifecycle/source/read-yaml.ts';
import { quickLifecycle } from './reading.ts';
import { quickValue } from './quick-value.ts';
import { lifecycleText } from './testing/lifecycle-text.ts';

// Looking longer takes minutes.
jest.setTimeout(900_000);

/** The quick reader never says anything else than the one that the plugin reads with. */
const GOLDEN = join(import.meta.dirname, '../../test/golden');
const files = readdirSync(GOLDEN, { recursive: true, withFileTypes: true })
  .filter((each) => each.isFile() && /lifecycle\.ya?ml$/.test(each.name))
  .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
const texts = [...files, lifecycleText('a', { bucket: 'b-1', restore: 'back' })];

/** `LIFECYCLE_READING_RUNS=50000` looks longer, and at others. */
const LONGER = process.env['LIFECYCLE_READING_RUNS'];
const RUNS = Number(LONGER ?? '500');
const SEED = LONGER === undefined ? { seed: 1 } : {};

function expectAgreement(text: string): void {
  const content = Buffer.from(text);
  const quick = quickLifecycle(content);
  const whole = parseLifecycle(content, 'lifecycle.yaml');
  const same = quick === undefined || (whole.ok && JSON.stringify(whole.lifecycle) === JSON.stringify(quick));
  expect({ text, same }).toEqual({ text, same: true });
}

/** Pieces of which YAML is made, where two readers could part. */
const PIECE = fc.oneof(
  fc.constantFrom(
    ...[
      ' ',
      '  ',
      '\n',
      '\n  ',
      ':',
      ': ',
      '- ',
      '-',
      '#',
      ' #',
      ',',
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      '\\',
      '|',
      '>',
      '? ',
      '! ',
    ],
    ...[
      '&a ',
      '*a',
      '<<: ',
      '~',
      'null',
      'true',
      'yes',
      'off',
      '0x1',
      '0o7',
      '1e3',
      '.5',
      '1_0',
      '007',
      '-0',
      '+1',
      '---',
      '...',
      '%',
    ],
    ...['\t', '\r\n', '\u00a0', '\u2028', 'ü', '@', '`', '=', '\n#c\n', '"a": ', 'a b', '1:2', '2001-01-01'],
  ),
  fc.string({ maxLength: 3 }),
);

const mutation = (text: string): fc.Arbitrary<string> =>
  fc
    .array(fc.record({ at: fc.nat(text.length), drop: fc.nat(4), piece: PIECE }), { minLength: 1, maxLength: 3 })
    .map((changes) =>
      changes.reduce((changed, { at, drop, piece }) => changed.slice(0, at) + piece + changed.slice(at + drop), text),
    );

/** Lines that change their places or their indentation. */
const shuffled = (text: string): fc.Arbitrary<string> => {
  const lines = text.split('\n');
  const line = fc.nat(lines.length - 1);
  return fc.record({ from: line, to: line, indent: fc.integer({ min: -2, max: 2 }) }).map(({ from, to, indent }) => {
    const moved = lines[from] ?? '';
    const shifted = indent < 0 ? moved.slice(-indent) : ' '.repeat(indent) + moved;
    return lines.toSpliced(from, 1).toSpliced(to, 0, shifted).join('\n');
  });
};

describe('the quick reader', () => {
  test('reads most of what people write', () => {
    const valid = texts.filter((text) => parseLifecycle(Buffer.from(text), '').ok);
    expect(valid.length).toBeGreaterThan(10);
    const quick = valid.filter((text) => quickLifecycle(Buffer.from(text)) !== undefined);
    expect(quick.length / valid.length).toBeGreaterThan(0.8);
  });

  test('agrees on every golden case', () => {
    for (const text of texts) expectAgreement(text);
  });

  test('agrees on whatever becomes of them', () => {
    const changed = fc.constantFrom(...texts).chain((text) => fc.oneof(mutation(text), shuffled(text)));
    fc.assert(fc.property(changed, expectAgreement), { numRuns: RUNS, ...SEED });
  });

  test('agrees on small pieces of YAML, whatever they mean', () => {
    const piece = fc.array(
      fc.oneof(PIECE, fc.constantFrom('a', 'b', 'a: ', 'b: 1', '- a', '\n', '\n  ', '[a, b]', '{a: b}')),
    );
    fc.assert(
      fc.property(
        piece.map((parts) => parts.join('')),
        (text) => {
          const quick = quickValue(text);
          const whole = readYaml(text);
          const same =
            quick === undefined ||
            (whole.findings.length === 0 && JSON.stringify(whole.value) === JSON.stringify(quick.value));
          expect({ text, same }).toEqual({ text, same: true });
        },
      ),
      { numRuns: 4 * RUNS, ...SEED },
    );
  });

  test.each([
    ['an alias', 'a: &x b\nc: *x'],
    ['a tag', 'a: !!str b'],
    ['a merge key', '<<: {a: b}'],
    ['a key twice', 'a: 1\na: 2'],
    ['a second document', 'a: b\n---\nc: d'],
    ['a text over lines', 'a: b\n  c'],
    ['brackets over lines', 'a: [b,\n c]'],
    ['brackets that close in another line', 'a: {b: c\n}'],
    ['a block', 'a: |\n  b'],
    ['an escape', 'a: "\\u0062"'],
    ['a number of another kind', 'a: 0x1'],
    ['a word that was a boolean once', 'a: yes'],
    ['nothing', 'a:'],
    ['a prototype', '__proto__: {a: b}'],
    ['nesting', `a: ${'['.repeat(40)}${']'.repeat(40)}`],
  ])('leaves %s to the other one', (_, text) => {
    expect(quickValue(text)).toBeUndefined();
  });
});
