import { fstatSync } from 'node:fs';
import process from 'node:process';
import type { Io } from './commands/io.ts';
import { run } from './commands/run.ts';
import { printer } from './print.ts';

const { env } = process;
const print = printer(1, () => process.stdout);
// Only a device can be a terminal; to ask the stream loads it.
const terminal = fstatSync(1).isCharacterDevice() && process.stdout.isTTY;
const io: Io = {
  env,
  cwd: process.cwd(),
  now: () => new Date(),
  out: print,
  live: print,
  err: printer(2, () => process.stderr),
  terminal,
  colours: terminal && (env['NO_COLOR'] ?? '') === '',
  repository: async (path) => (await import('./git/repository.ts')).openRepository(path, env),
  connect: async (to) => (await import('./cluster/lifecycles.ts')).connectLifecycles(to),
};
void run(process.argv.slice(2), io).then((exit) => {
  process.exitCode = exit;
});
