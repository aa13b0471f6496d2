import { describe, expect, test } from '@jest/globals';
import { changedParts } from './fingerprint.ts';
import { sequenceFits, type SequenceState } from './sequences.ts';

const sequence = (last: string, more: Partial<SequenceState> = {}): SequenceState => ({
  name: 'public.s',
  last,
  called: true,
  ahead: '32',
  increment: '1',
  ...more,
});

describe('a sequence of a clone', () => {
  test.each([
    ['as it was', sequence('10'), sequence('10'), true],
    ['as far ahead as the WAL holds', sequence('10'), sequence('42'), true],
    ['further ahead than that', sequence('10'), sequence('43'), false],
    ['behind', sequence('10'), sequence('9'), false],
    ['used where the source was not', sequence('1', { called: false }), sequence('1'), false],
    ['descending, ahead', sequence('-10', { increment: '-2' }), sequence('-20', { increment: '-2' }), true],
    ['descending, behind', sequence('-10', { increment: '-2' }), sequence('-8', { increment: '-2' }), false],
    ['off its increment', sequence('10', { increment: '5' }), sequence('13', { increment: '5' }), false],
    ['beyond 2^53, by one', sequence('9007199254740993', { ahead: '0' }), sequence('9007199254740992'), false],
  ])('%s', (_what, source, clone, fits) => {
    expect(sequenceFits(source, clone)).toBe(fits);
  });
});

test('changedParts names the parts whose hashes differ', () => {
  expect(changedParts('roles=1 sequences=2 relations=3', 'roles=1 sequences=9 relations=4')).toEqual([
    'sequences',
    'relations',
  ]);
  expect(changedParts('roles=1 sequences=2', 'roles=1 sequences=2')).toEqual([]);
});
