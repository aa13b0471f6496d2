import { Command, CommanderError, Option } from 'commander';
import { EXIT, LifecycleError } from '../errors/errors.ts';
import { oneLine } from './failure.ts';
import type { Io } from './io.ts';
import { VERSION } from './version.ts';

const GUIDE = `
Examples:
  lifecycle validate .                       every lifecycle.yaml below this folder
  lifecycle plan bestie/                     what the file asks for, wave by wave
  kubectl get lifecycle bestie -o yaml > saved.yaml
  lifecycle plan bestie/ --status saved.yaml the same, with what the rehearsal measured
  lifecycle next bestie/ --green bestie2 --version 1.4
  lifecycle next bestie/ --status saved.yaml after a confirmed switch: green is the new blue
  lifecycle generate bestie/                 the manifests, as Argo CD gets them

Exit codes: ${EXIT.ok} done, ${EXIT.problems} refused, ${EXIT.usage} called wrongly, ${EXIT.internal} a defect.
`;

/** How a command ended. */
interface Result {
  exit: number;
}

/** Every command, with its arguments; the work itself is loaded when it is called for. */
export function buildProgram(io: Io, result: Result = { exit: EXIT.ok }): Command {
  const program = new Command('lifecycle')
    .description('Backups, rehearsals and blue/green upgrades of a PostgreSQL application, from one lifecycle file.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', GUIDE)
    .exitOverride()
    // Without it `next --version 1.4` would print the program's version.
    .enablePositionalOptions()
    .configureOutput({
      writeOut: io.out,
      writeErr: () => undefined,
      getOutHasColors: () => io.colours,
    });
  const output = (...choices: readonly string[]): Option =>
    new Option('-o, --output <format>', 'how to print it').choices(choices).default(choices[0]);

  program
    .command('generate')
    .description('print the manifests of a lifecycle file (what Argo CD calls)')
    .argument('[folder]', 'folder with lifecycle.yaml, or the file', '.')
    .option('--step-image <image>', 'image of the steps (default: LIFECYCLE_STEP_IMAGE)')
    .option('--unapproved <requests>', 'what needs no approval: restore (default: LIFECYCLE_UNAPPROVED)')
    .action(async (folder: string, options: { readonly stepImage?: string; readonly unapproved?: string }) => {
      await (await import('./generate.ts')).generate(io, folder, options);
    });

  program
    .command('plan')
    .description('show the waves, what each does and proves, and its objects')
    .argument('[folder]', 'folder with lifecycle.yaml, or the file', '.')
    .addOption(output('table', 'json', 'markdown'))
    .option('--status <file>', 'a saved Lifecycle: adds what the rehearsal measured and which steps are done')
    .action(
      async (folder: string, options: { readonly output: 'table' | 'json' | 'markdown'; readonly status?: string }) => {
        await (await import('./plan.ts')).plan(io, folder, options);
      },
    );

  program
    .command('validate')
    .description('check lifecycle files and report every problem at once')
    .argument('[paths...]', 'files, or folders that are searched for lifecycle.yaml', ['.'])
    .addOption(output('text', 'json'))
    .action(async (paths: readonly string[], options: { readonly output: 'text' | 'json' }) => {
      result.exit = (await import('./validate.ts')).validate(io, paths, options);
    });

  program
    .command('next')
    .description('move the file on to its next stage, in place; comments stay')
    .argument('[file]', 'folder with lifecycle.yaml, or the file', '.')
    .option('--green <name>', 'at rest: name of the new instance')
    .option('--version <tag>', 'at rest: version of the new instance')
    .option('--status <file>', 'after a switch or a restore: the saved Lifecycle, which says that it was confirmed')
    .action(
      async (
        file: string,
        options: { readonly green?: string; readonly version?: string; readonly status?: string },
      ) => {
        (await import('./next.ts')).next(io, file, options);
      },
    );

  program
    .command('schema')
    .description('print the JSON Schema of lifecycle.yaml, for editors')
    .action(async () => {
      (await import('./schema.ts')).schema(io);
    });

  program
    .command('explain')
    .description('explain an error code, or list them all')
    .argument('[code]', 'as printed with the error')
    .action(async (code?: string) => {
      (await import('./explain.ts')).explain(io, code);
    });

  program
    .command('completion')
    .description('print a completion script; load it with: source <(lifecycle completion bash)')
    .argument('<shell>', 'bash, zsh or fish')
    .action(async (shell: string) => {
      (await import('./completion.ts')).completion(io, program, shell);
    });

  return program;
}

/** @returns the exit code; commander's own complaints become errors with code `usage`. */
export async function runProgram(args: readonly string[], io: Io): Promise<number> {
  const result: Result = { exit: EXIT.ok };
  const program = buildProgram(io, result);
  if (args.length === 0) {
    throw new LifecycleError('usage', `name a command: ${program.commands.map((each) => each.name()).join(', ')}`);
  }
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT.ok;
    throw new LifecycleError('usage', oneLine(error.message.replace(/^error: /, '')));
  }
  return result.exit;
}
