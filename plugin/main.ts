#!/usr/bin/env node
import process from 'node:process';
import { run } from './commands/run.ts';

const { env, stdout, stderr } = process;
process.exitCode = await run(process.argv.slice(2), {
  env,
  cwd: process.cwd(),
  out: (text) => void stdout.write(text),
  err: (text) => void stderr.write(text),
  colours: stdout.isTTY && (env['NO_COLOR'] ?? '') === '',
});
