import process from 'node:process';
import type { Io } from './commands/io.ts';
import { run } from './commands/run.ts';
import { EXIT } from './errors/errors.ts';

const { env, stdout, stderr } = process;
// A reader that has seen enough (`lifecycle plan | head`) needs no stack trace; half an output is no success either (I2).
stdout.on('error', () => {
  process.exit(EXIT.problems);
});
const io: Io = {
  env,
  cwd: process.cwd(),
  out: (text) => void stdout.write(text),
  err: (text) => void stderr.write(text),
  colours: stdout.isTTY && (env['NO_COLOR'] ?? '') === '',
};
void run(process.argv.slice(2), io).then((exit) => {
  process.exitCode = exit;
});
