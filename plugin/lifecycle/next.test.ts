import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseDocument, stringify, visit } from 'yaml';
import { nextStage, type NewGreen, type NextResult } from './next.ts';
import { parseLifecycle } from './parse.ts';
import { EXAMPLE, bytes, example, exampleAtRest } from './testing/example.ts';
import { lifecycles } from './testing/arbitrary.ts';

const GREEN: NewGreen = { name: 'bestie2', version: '1.4' };

const next = (text: string, green?: NewGreen): NextResult =>
  nextStage(bytes(text), 'lifecycle.yaml', green ? { green } : {});

function textOf(result: NextResult): string {
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.text;
}

const codesOf = (result: NextResult): readonly string[] =>
  result.ok ? [] : result.problems.map(({ code, line }) => `${line} ${code}`);

describe('at rest', () => {
  test('the new instance is added behind blue, and nothing else changes', () => {
    const text = exampleAtRest();
    const result = next(text, GREEN);
    expect(result).toMatchObject({ from: 'AtRest', to: 'Prepare' });
    expect(textOf(result)).toBe(
      `${text}  green:\n    name: bestie2\n    version: "1.4"\n    strategy: Clone\n    stage: Prepare\n`,
    );
  });

  test('blue may stand before other fields, in a block, with comments around it', () => {
    const blue =
      '  blue: # serves\n    name: bestie # the first\n    version: "1.3" # the last\n  # clients come in here\n';
    const text = exampleAtRest(
      ['  blue: { name: bestie, version: "1.3" } # serves now\n', ''],
      ['  traffic:', `${blue}  traffic:`],
    );
    expect(textOf(next(text, GREEN))).toBe(
      text.replace(
        '# the last\n',
        (line) => `${line}  green:\n    name: bestie2\n    version: "1.4"\n    strategy: Clone\n    stage: Prepare\n`,
      ),
    );
  });

  test('the file may end without a newline, or have the line ends of Windows', () => {
    const bare = exampleAtRest().trimEnd();
    expect(textOf(next(bare, GREEN))).toBe(textOf(next(`${bare}\n`, GREEN)));
    const windows = textOf(next(exampleAtRest().replaceAll('\n', '\r\n'), GREEN));
    expect(windows.replaceAll('\r\n', '')).not.toContain('\n');
  });

  test('a file in brackets stays one', () => {
    const text = stringify(parseDocument(exampleAtRest()).toJS(), { collectionStyle: 'flow', lineWidth: 0 });
    const changed = textOf(next(text, GREEN));
    expect(changed).toContain('green: { name: bestie2, version: "1.4", strategy: Clone, stage: Prepare }');
  });

  test('a number as a version stays text', () => {
    expect(textOf(next(exampleAtRest(), { name: 'bestie2', version: '1.10' }))).toContain('version: "1.10"');
  });

  test('without the name of the new instance it is refused', () => {
    expect(codesOf(next(exampleAtRest()))).toEqual(['6 next-needs-green']);
  });

  test('a new instance that breaks a rule is reported', () => {
    expect(codesOf(next(exampleAtRest(), { name: 'bestie', version: '1.4' }))).toEqual(['34 green-is-blue']);
    expect(codesOf(next(exampleAtRest(), { name: 'B: {', version: '1.4' }))).toEqual(['34 name-invalid']);
  });
});

describe('Prepare', () => {
  test('becomes Switch, and nothing else changes', () => {
    const result = next(EXAMPLE);
    expect(result).toMatchObject({ from: 'Prepare', to: 'Switch' });
    expect(textOf(result)).toBe(EXAMPLE.replace('stage: Prepare #', () => 'stage: Switch #'));
  });

  test('may be written in quotes', () => {
    expect(textOf(next(example(['stage: Prepare', 'stage: "Prepare"'])))).toContain('stage: Switch # then');
  });

  test('with a new instance it is refused', () => {
    expect(codesOf(next(EXAMPLE, GREEN))).toEqual(['33 next-green-exists']);
  });

  test('an edit that would reach further, through an anchor, is refused', () => {
    const text = example(
      ['podTemplate: {}', 'podTemplate: { metadata: { annotations: { stage: &s Prepare } } }'],
      ['stage: Prepare', 'stage: *s'],
    );
    const changed = textOf(next(text));
    expect(changed).toContain('&s Prepare');
    expect(changed).toContain('stage: Switch #');
    const shared = example(
      ['podTemplate: {}', 'podTemplate: { metadata: { annotations: &g { name: g, version: "1", stage: Prepare } } }'],
      ['    name: bestie2\n    version: "1.4"\n    stage: Prepare # then Switch\n', ''],
      ['  green:', '  green: *g'],
    );
    expect(codesOf(next(shared))).toEqual(['33 yaml-feature']);
  });
});

test('after Switch comes what is not supported yet', () => {
  expect(codesOf(next(example(['stage: Prepare', 'stage: Switch'])))).toEqual(['36 not-supported-yet']);
});

test('a file with problems is not edited', () => {
  expect(codesOf(next(example(['replicas: 3', 'replicas: 0'])))).toEqual(['10 wrong-value']);
});

/** A file in which every second line ends with a comment of its own. */
function commented(value: unknown): string {
  const document = parseDocument(stringify(value, { lineWidth: 0 }));
  let count = 0;
  visit(document, {
    Scalar: (key, node) => {
      count += 1;
      if (key === 'value' && count % 2 === 0 && !String(node.value).includes('\n')) node.comment = ` comment ${count}`;
    },
  });
  return document.toString({ lineWidth: 0 });
}

const comments = (text: string): readonly string[] => text.match(/# comment \d+/g) ?? [];

test('any file keeps its comments and its order, and is valid again', () => {
  fc.assert(
    fc.property(lifecycles, (value) => {
      const text = commented(value);
      fc.pre(!text.includes('stage: Switch'));
      const result = next(text, text.includes('\n  green:') ? undefined : { name: 'c', version: '2' });
      const changed = textOf(result);
      expect(comments(changed)).toEqual(comments(text));
      expect(changed.replace(/ {2}green:[^]*?stage: Prepare\n/, '').replace('stage: Switch', 'stage: Prepare')).toBe(
        text,
      );
      expect(parseLifecycle(bytes(changed), 'f').ok).toBe(true);
    }),
  );
});
