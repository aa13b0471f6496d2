#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from './compile.ts';

/**
 * Starts the bundled program with the code that V8 compiled when it was bundled (ADR 9). Both files lie beside this one, as in dist/, or
 * where the image has them.
 */
const here = import.meta.dirname;
const folder = [here, join(here, '../lib/lifecycle')].find((each) => existsSync(join(each, 'lifecycle-program.cjs')));
if (folder === undefined) throw new Error(`lifecycle-program.cjs is neither in ${here} nor in ../lib/lifecycle`);

function cache(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    // It only saves time.
    return undefined;
  }
}

compile(join(folder, 'lifecycle-program.cjs'), cache(join(folder, 'lifecycle-program.cache'))).run();
