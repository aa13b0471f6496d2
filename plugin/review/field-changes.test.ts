import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fieldChanges } from './field-changes.ts';

describe('field changes', () => {
  test.each([
    ['a value', { a: 1 }, { a: 2 }, [{ field: 'a', before: '1', after: '2' }]],
    ['a text, without quotes', { a: 'x' }, { a: 'y' }, [{ field: 'a', before: 'x', after: 'y' }]],
    ['one that comes', {}, { a: { b: true } }, [{ field: 'a.b', after: 'true' }]],
    ['one that goes', { a: { b: true } }, {}, [{ field: 'a.b', before: 'true' }]],
    [
      'a mapping in the place of a value',
      { a: 1 },
      { a: { b: 2 } },
      [
        { field: 'a', before: '1' },
        { field: 'a.b', after: '2' },
      ],
    ],
    ['what says nothing', { a: {} }, { b: [] }, []],
    ['the order of fields', { a: 1, b: 2 }, { b: 2, a: 1 }, []],
    [
      'an item in front of others, by its name',
      { list: [{ name: 'x', v: 1 }] },
      { list: [{ name: 'w' }, { name: 'x', v: 2 }] },
      [
        { field: 'list[w].name', after: 'w' },
        { field: 'list[x].v', before: '1', after: '2' },
      ],
    ],
    [
      'a list without names, whole',
      { a: ['x'] },
      { a: ['x', 'y'] },
      [{ field: 'a', before: '["x"]', after: '["x","y"]' }],
    ],
    ['a key that is no word', { 'a.b': 1 }, { 'a.b': 2 }, [{ field: '["a.b"]', before: '1', after: '2' }]],
  ])('%s', (_, before, after, expected) => {
    expect(fieldChanges(before, after)).toEqual(expected);
  });

  test('what is long is cut', () => {
    expect(fieldChanges({}, { a: 'x'.repeat(1000) })[0]?.after).toHaveLength(161);
  });

  test('none in what is equal; of what differs, the same the other way round', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.jsonValue({ maxDepth: 4 }), (one, other) => {
        expect(fieldChanges(one, structuredClone(one))).toEqual([]);
        const there = fieldChanges(one, other).map(({ field }) => field);
        expect(new Set(fieldChanges(other, one).map(({ field }) => field))).toEqual(new Set(there));
      }),
    );
  });
});
