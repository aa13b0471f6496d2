import { expect, test } from '@jest/globals';
import type { AcknowledgedWrite } from './acknowledged.ts';
import { missingWrites } from './verify.ts';

const insert: AcknowledgedWrite = { channel: 'service', kind: 'insert', token: 'load-a', id: 1, seq: 0, at: 1 };
const update: AcknowledgedWrite = { ...insert, kind: 'update', seq: 3, at: 2 };
const direct: AcknowledgedWrite = { ...insert, channel: 'direct', token: 'load-b', id: 2 };

test.each([
  ['every row is there, one with a later seq', 'load-a 4\nload-b 0', []],
  ['a row is not there', 'load-a 3', [{ ...direct, found: undefined }]],
  ['an update is not there', 'load-a 2\nload-b 0', [{ ...update, found: 2 }]],
  ['nothing is there', '', [insert, update, direct].map((write) => ({ ...write, found: undefined }))],
])('%s', async (_, lines, missing) => {
  expect(await missingWrites([insert, update, direct], () => Promise.resolve(lines))).toEqual(missing);
});
