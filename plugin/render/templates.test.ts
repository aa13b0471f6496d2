import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compileTemplate } from './compile-template.ts';
import { fill, reader } from './templates.ts';

const HEAD = 'apiVersion: v1\nkind: Test\nmetadata: { name: a }\n';

const filled = (spec: string, data: Readonly<Record<string, unknown>>): unknown =>
  fill(compileTemplate(`${HEAD}spec: ${spec}\n`), data)['spec'];

describe('the reader', () => {
  test('reads a text that it does not know, and only such a text', () => {
    const read = reader(new Map([['known: 1', 'as it was read before']]));
    expect(read('known: 1')).toBe('as it was read before');
    expect(read('unknown: 1')).toEqual({ unknown: 1 });
  });
});

describe('a template', () => {
  test('prints values of any type', () => {
    expect(filled('{ a: {{json text}}, b: {{json list}}, c: {{json nothing}}, d: {{json number}} }', DATA)).toEqual({
      a: 'x',
      b: [1, { c: null }],
      c: null,
      d: 7,
    });
  });
  const DATA = { text: 'x', list: [1, { c: null }], nothing: null, number: 7 };

  test('has if, unless, each and with', () => {
    expect(
      filled(
        '[{{#if on}}1,{{/if}}{{#unless on}}2,{{/unless}}{{#each list}}{{json this}},{{/each}}{{#with x}}{{json y}}{{/with}}]',
        {
          on: true,
          list: ['a', 'b'],
          x: { y: 'z' },
        },
      ),
    ).toEqual([1, 'a', 'b', 'z']);
  });

  test('I16: no input becomes structure, in whatever YAML context it stands', () => {
    const contexts = [
      '{{json v}}',
      "'{{json v}}'",
      '"{{json v}}"',
      '{ a: {{json v}} }',
      '[x, {{json v}}]',
      '|-\n  {{json v}}',
    ];
    const templates = contexts.map((context) => compileTemplate(`${HEAD}spec: ${context}\n`));
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(...templates), (v, template) => {
        const leaves = JSON.stringify(fill(template, { v })['spec']);
        expect(leaves).toBe(
          JSON.stringify(fill(template, { v: 'MARK' })['spec']).replace('"MARK"', () => JSON.stringify(v)),
        );
      }),
    );
  });

  test.each(["a'\nevil: true", 'a: b', '{{json x}}', '__value_0__', '*alias', '# comment', '\u2028evil: true'])(
    'I16: %j stays text inside a longer text and as a key',
    (v) => {
      expect(filled('{ prefix-{{json v}}: pre {{json v}} post }', { v })).toEqual({ [`prefix-${v}`]: `pre ${v} post` });
    },
  );

  test.each([
    ['{{name}}', 'line 4: a value is printed as {{json value}} only'],
    ['{{{name}}}', 'line 4: a value is printed as {{json value}} only'],
    ['{{json name extra=1}}', 'line 4: a value is printed as {{json value}} only'],
    ['{{> partial}}', 'line 4: partials are not supported'],
    ['{{#constructor}}{{/constructor}}', 'line 4: there is no block #constructor'],
    ['{{#if', 'line 4:'],
  ])('%s is refused, with its line', (spec, message) => {
    expect(() => filled(spec, { name: 'x' })).toThrow(message);
  });

  test('a field that the data lacks is an error, not nothing', () => {
    expect(() => filled('{{json nothing}}', {})).toThrow('names a value that there is not');
    expect(() => filled('{{json nothing.at.all}}', {})).toThrow();
  });

  test('prototypes are out of reach', () => {
    expect(() => filled('{{json name.constructor}}', { name: 'x' })).toThrow('names a value that there is not');
  });

  test('an object inside a text is an error', () => {
    expect(() => filled('a {{json v}} b', { v: { x: 1 } })).toThrow('an object or a list stands inside a text');
  });

  test.each(['[]', 'a: 1', 'apiVersion: v1\nkind: X\nmetadata: {}', 'apiVersion: v1\nkind: X\nmetadata: { name: 1 }'])(
    'what is no object is refused: %s',
    (source) => {
      expect(() => fill(compileTemplate(source), {})).toThrow('does not render one Kubernetes object');
    },
  );
});
