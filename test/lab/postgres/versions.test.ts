import { expect, test } from '@jest/globals';
import { postgresVersion as accepted } from '../../../plugin/lifecycle/fields.ts';
import { postgresVersion, VERSIONS } from './versions.ts';

test('the SQL tests can run on every version that a lifecycle file accepts, and on no other', () => {
  const found = Array.from({ length: 40 }, (_, n) => n).filter((n) => accepted.safeParse(n).success);
  expect(found.map(String)).toEqual(VERSIONS);
  expect(() => postgresVersion('13')).toThrow('PostgreSQL 13: give one of 14, 15, 16, 17, 18');
});
