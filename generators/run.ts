import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { failureOf, oneLine, PlacedError } from '../plugin/commands/failure.ts';
import { EXIT, LifecycleError } from '../plugin/errors/errors.ts';
import { formatProblem } from '../plugin/lifecycle/problem.ts';
import { loadConfig } from './config/load.ts';
import type { Config } from './config/schema.ts';
import { createSecrets, type Secrets } from './config/secrets.ts';
import { createLog } from './log.ts';
import { buildGeneratorProgram, type GeneratorOptions } from './program.ts';
import { serve, type CreateParts } from './serve.ts';

/** The process's edge, as a value. */
export interface Edge {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly createParts: CreateParts;
  /** Called with whatever nobody has caught; the process ends after it. */
  readonly onDefect: (listener: (error: unknown) => void) => void;
  /** Aborted when the process is told to end. */
  readonly stop: AbortSignal;
}

/** @returns the exit code */
export async function run(args: readonly string[], edge: Edge): Promise<number> {
  try {
    const options = parsed(args, edge);
    return options ? await checkOrServe(options, edge) : EXIT.ok;
  } catch (error) {
    const { text, exit } = failureOf(error);
    edge.err(`${text}\n`);
    return exit;
  }
}

/** @returns undefined where help or version was all that was asked for. */
function parsed(args: readonly string[], { out }: Edge): GeneratorOptions | undefined {
  const program = buildGeneratorProgram(out);
  try {
    return program.parse(args, { from: 'user' }).opts<GeneratorOptions>();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw new LifecycleError('usage', oneLine(error.message.replace(/^error: /, '')));
  }
}

async function checkOrServe({ config: file, port, mirrors, check }: GeneratorOptions, edge: Edge): Promise<number> {
  const secrets = createSecrets({ env: edge.env, readFile: readFileSync });
  const config = load(file, secrets, edge);
  if (!config) return EXIT.problems;
  if (check) {
    edge.out(`${file}: ok\n`);
    return EXIT.ok;
  }
  const { env, now, stop, createParts } = edge;
  const log = createLog(edge.err, secrets.scrub);
  edge.onDefect((error) => {
    log.fatal({ err: error }, 'a defect');
  });
  await serve({ config, secrets, log, port, mirrors, env, now, stop, createParts });
  return EXIT.ok;
}

/** @returns undefined where it is not valid; every problem of it is told. */
function load(file: string, secrets: Secrets, { err }: Edge): Config | undefined {
  const loaded = loadConfig(bytesOf(file), file, secrets);
  if (loaded.ok) return loaded.config;
  for (const problem of loaded.problems) err(`${secrets.scrub(formatProblem(problem))}\n`);
  return undefined;
}

function bytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new PlacedError(file, 'file-unreadable', code);
  }
}
