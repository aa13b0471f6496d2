import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { format, resolveConfig } from 'prettier';
import { referencePages } from './reference-pages.ts';

/**
 * Writes docs/reference from the tables that the program itself reads. With --check nothing is written: it fails when a
 * page is not what would be written.
 */
const FOLDER = join(import.meta.dirname, '../docs/reference');

const check = process.argv.includes('--check');
for (const [name, text] of Object.entries(referencePages())) {
  const path = join(FOLDER, name);
  const page = await format(text, { ...(await resolveConfig(path)), filepath: path });
  if (!check) writeFileSync(path, page);
  else if (readFileSync(path, 'utf8') !== page) {
    process.stderr.write(`docs/reference/${name} is not what the tables say: run scripts/generate-docs.ts\n`);
    process.exitCode = 1;
  }
}
