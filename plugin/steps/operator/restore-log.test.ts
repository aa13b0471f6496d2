import { expect, test } from '@jest/globals';
import { tellingLine } from './restore-log.ts';

test.each([
  [
    'PostgreSQL ended before its target, and shut down',
    'LOG:  redo done at 0/5000110\nFATAL:  recovery ended before configured recovery target was reached\nLOG:  database system is shut down\n',
    'FATAL:  recovery ended before configured recovery target was reached',
  ],
  [
    'pgBackRest found no backup',
    'P00   INFO: restore command begin\nP00  ERROR: [075]: no backup set found to restore\nP00   INFO: restore command end: aborted\n',
    'P00  ERROR: [075]: no backup set found to restore',
  ],
  ['nothing is called an error', 'first\n\tlast\u0007 \n\n', 'last'],
  ['it said nothing', '', ''],
])('%s', (_what, log, line) => {
  expect(tellingLine(log)).toBe(line);
});

test('a long line is cut', () => {
  expect(tellingLine(`ERROR: ${'x'.repeat(1000)}`)).toHaveLength(300);
});
