import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { example } from '../plugin/lifecycle/testing/example.ts';
import { compile } from '../plugin/start/compile.ts';

/**
 * Runs `generate` once and keeps what V8 compiled for it. V8 compiles a function when it is first called; only after a run
 * is all of it there. Usage: code-cache.ts PROGRAM CACHE
 */
const [program = '', cache = ''] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'lifecycle-'));
writeFileSync(
  join(folder, 'lifecycle.yaml'),
  example(['kind: Deployment', 'kind: Bestie'], ['stage: Prepare', 'stage: Switch']),
);

const { script, title, run } = compile(program);
process.argv = [process.execPath, program, 'generate', folder];
process.on('exit', (code) => {
  rmSync(folder, { recursive: true });
  if (code === 0) writeFileSync(cache, Buffer.concat([script.createCachedData(), Buffer.from(title, 'latin1')]));
});
run();
