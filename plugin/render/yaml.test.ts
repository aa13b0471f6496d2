import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { toYaml } from './yaml.ts';

const object = (spec: unknown) => ({ apiVersion: 'v1', kind: 'Test', metadata: { name: 'a' }, spec });

/** Read as YAML 1.1 and as 1.2: Argo CD's reader is between the two. */
const read = (text: string, version: '1.1' | '1.2'): unknown =>
  parseAllDocuments(text, { version }).map((document) => document.toJS() as unknown);

describe('toYaml', () => {
  test.each([
    ['yes', 'No', 'on', 'OFF', 'y', 'N', 'true', 'null', '~', ''],
    ['012', '0o7', '0x1F', '1_000', '12:30:45', '1.4', '12e4', '6e1234567890', '.inf', '-', '+1'],
    ['2026-11-22', '2026-11-22T10:00:00Z', '=', '<<', '!tag', '&a', '*a', '%d', '@x', '`x`'],
    ['a: b', 'a #b', '- a', 'a:', '? a', '[a]', '{a}', ' a', 'a ', "'", '"', '---', '...', 'a\n---\nb', '\t'],
    ['\u0085', '\u2028', '\ufeff', '\u0000', '\u007f', '\ud800', '😀'],
  ])('words that readers could take for something else stay strings: %j …', (...words) => {
    const objects = [object(words), object(Object.fromEntries(words.map((word) => [word, word])))];
    const text = toYaml(objects);
    expect(read(text, '1.2')).toEqual(objects);
    expect(read(text, '1.1')).toEqual(objects);
  });

  test('any data reads back', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (spec) => {
        const objects = [object(spec), object([spec])];
        // Through JSON, which has no -0.
        expect(read(toYaml(objects), '1.2')).toEqual(JSON.parse(JSON.stringify(objects)));
      }),
    );
  });

  test('nothing breaks out of its line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (hostile) => {
        const lines = toYaml([object({ [hostile]: hostile })]).split('\n');
        expect(lines).toHaveLength(8);
      }),
    );
  });

  test('is written for people: plain words unquoted, lists and maps in lines', () => {
    expect(toYaml([object({ image: 'a/b:1', list: [{ name: 'x', empty: {} }, 'y', ['z']], none: [] })])).toBe(`---
apiVersion: v1
kind: Test
metadata:
  name: a
spec:
  image: a/b:1
  list:
    - name: x
      empty: {}
    - "y"
    - - z
  none: []
`);
  });
});
