import { join } from 'node:path';
import process from 'node:process';
import { expect, test } from '@jest/globals';
import { execa } from 'execa';

test('docs/reference is what the tables of the code say', async () => {
  const script = join(import.meta.dirname, '../../scripts/generate-docs.ts');
  const { stderr, exitCode } = await execa(process.execPath, [script, '--check'], { reject: false });
  expect([exitCode, stderr]).toEqual([0, '']);
}, 60_000);
