import { EXIT } from '../errors/errors.ts';
import { failureOf } from './failure.ts';
import type { Io } from './io.ts';

/**
 * Runs one command. Output is held back until the command has ended well: on any error stdout stays empty (I2).
 * @returns the exit code
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const output: string[] = [];
  const held: Io = { ...io, out: (text) => output.push(text) };
  try {
    const exit = await dispatch(args, held);
    if (output.length > 0) io.out(output.join(''));
    return exit;
  } catch (error) {
    const { text, exit } = failureOf(error);
    io.err(`${text}\n`);
    return exit;
  }
}

/** `generate` as Argo CD calls it goes straight to its work: it is started at every refresh of every application. */
async function dispatch(args: readonly string[], io: Io): Promise<number> {
  const [command, folder = io.cwd, ...rest] = args;
  if (command === 'generate' && rest.length === 0 && !folder.startsWith('-')) {
    const { generate } = await import('./generate.ts');
    await generate(io, args[1] ?? '.', {});
    return EXIT.ok;
  }
  const { runProgram } = await import('./program.ts');
  return runProgram(args, io);
}
