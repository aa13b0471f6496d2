import { fstatSync } from 'node:fs';
import process from 'node:process';
import type { Io } from './commands/io.ts';
import { run } from './commands/run.ts';
import { printer } from './print.ts';

const { env } = process;
const io: Io = {
  env,
  cwd: process.cwd(),
  now: () => new Date(),
  out: printer(1, () => process.stdout),
  err: printer(2, () => process.stderr),
  // Only a device can be a terminal; to ask the stream loads it.
  colours: fstatSync(1).isCharacterDevice() && process.stdout.isTTY && (env['NO_COLOR'] ?? '') === '',
};
void run(process.argv.slice(2), io).then((exit) => {
  process.exitCode = exit;
});
