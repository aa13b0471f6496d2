import { Command, CommanderError, Option } from 'commander';
import { EXIT, LifecycleError } from '../errors/errors.ts';
import type { ApproveOptions } from './approve.ts';
import { oneLine } from './failure.ts';
import type { Io } from './io.ts';
import type { KeysOptions } from './keys.ts';
import type { GenerateOptions } from './parameters.ts';
import type { PlanOptions } from './plan-options.ts';
import type { RestorableOptions } from './restorable.ts';
import type { StatusOptions } from './status.ts';
import type { ValidateOptions } from './validate.ts';
import { VERSION } from './version.ts';

const GUIDE = `
Examples:
  lifecycle validate .                       every lifecycle.yaml below this folder
  lifecycle plan bestie/                     what the file asks for, wave by wave
  lifecycle plan --base main -o markdown     what this branch changes, as a pull request shows it
  kubectl get lifecycle bestie -o yaml > saved.yaml
  lifecycle plan bestie/ --status saved.yaml the same, with what the rehearsal measured
  lifecycle next bestie/ --green bestie2 --version 1.4
  lifecycle next bestie/ --status saved.yaml after a confirmed switch: green is the new blue
  lifecycle status bestie -n shop --watch    how far it is
  lifecycle restorable bestie -n shop        what its repositories can restore
  lifecycle approve bestie/ --key approval-key.json --approver alice --cluster prod --namespace bestie
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

  /** What approvals are checked by: the same wherever a plan is made. */
  const withApproval = (command: Command): Command =>
    command
      .option('--unapproved <requests>', 'what needs no approval: restore (default: LIFECYCLE_UNAPPROVED)')
      .option('--approval <token>', 'an approval of lifecycle approve (default: the parameter approval)')
      .option('--approval-keys <file>', 'public keys that approvals are checked by (default: LIFECYCLE_APPROVAL_KEYS)')
      .option('--cluster <name>', 'name of the cluster (default: the parameter cluster, then LIFECYCLE_CLUSTER)')
      .option('--namespace <name>', 'where it is deployed to (default: ARGOCD_APP_NAMESPACE)');

  withApproval(
    program
      .command('generate')
      .description('print the manifests of a lifecycle file (what Argo CD calls)')
      .argument('[folder]', 'folder with lifecycle.yaml, or the file', '.')
      .option('--step-image <image>', 'image of the steps (default: LIFECYCLE_STEP_IMAGE)'),
  ).action(async (folder: string, options: GenerateOptions) => {
    await (await import('./generate.ts')).generate(io, folder, options);
  });

  withApproval(
    program
      .command('plan')
      .description('show the waves, what each does and proves, and its objects')
      .argument('[folder]', 'folder with lifecycle.yaml, or the file', '.')
      .addOption(output('table', 'json', 'markdown', 'sarif'))
      .option(
        '--base <revision>',
        'what HEAD changes since it left this branch, tag or commit, in every file at or below the folder',
      )
      .option('--status <file>', 'a saved Lifecycle: adds what the rehearsal measured and which steps are done'),
  ).action(async (folder: string, options: PlanOptions) => {
    result.exit = await (await import('./plan.ts')).plan(io, folder, options);
  });

  const inCluster = (command: Command): Command =>
    command
      .argument('[name]', 'the Lifecycle; may be left out where the namespace has one')
      .option('-n, --namespace <name>', 'its namespace (default: that of the context)')
      .option('--context <name>', 'context of the kubeconfig (default: the current one)')
      .addOption(output('table', 'json'));

  inCluster(
    program
      .command('restorable')
      .description('what each repository can restore: moments, backups, restores to undo; needs the right to exec'),
  ).action(async (name: string | undefined, options: RestorableOptions) => {
    result.exit = await (await import('./restorable.ts')).restorable(io, name, options);
  });

  inCluster(
    program.command('status').description('what the cluster says: what serves, how far the plan is, step by step'),
  )
    .option('-w, --watch', 'go on: drawn anew on a terminal, a line a change elsewhere')
    .action(async (name: string | undefined, options: StatusOptions) => {
      await (await import('./status.ts')).status(io, name, options);
    });

  program
    .command('approve')
    .description('sign an approval of what the file asks for; prints the token')
    .argument('[folder]', 'folder with lifecycle.yaml, or the file', '.')
    .requiredOption('--key <file>', 'private key, as lifecycle keys has made it')
    .option(
      '--approver <name>',
      'who approves; once for each',
      (name: string, before: readonly string[]): readonly string[] => [...before, name],
      [],
    )
    .requiredOption('--cluster <name>', 'name of the cluster, as its Argo CD has it')
    .requiredOption('--namespace <name>', 'where it is deployed to')
    .option('--valid <duration>', 'how long the request may begin: 90m, 24h', '24h')
    .option('--request <digest>', 'refuse unless the file asks for exactly this (lifecycle plan)')
    .action(async (folder: string, options: ApproveOptions) => {
      await (await import('./approve.ts')).approve(io, folder, options);
    });

  program
    .command('keys')
    .description('make a pair of keys for approvals')
    .option('--private <file>', 'where the private key goes; must not exist', 'approval-key.json')
    .option('--public <file>', 'set of public keys; the new one is added', 'approval-keys.json')
    .action(async (options: KeysOptions) => {
      await (await import('./keys.ts')).keys(io, options);
    });

  program
    .command('validate')
    .description('check lifecycle files and report every problem at once')
    .argument('[paths...]', 'files, or folders that are searched for lifecycle.yaml', ['.'])
    .addOption(output('text', 'json', 'sarif'))
    .action(async (paths: readonly string[], options: ValidateOptions) => {
      result.exit = await (await import('./validate.ts')).validate(io, paths, options);
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
