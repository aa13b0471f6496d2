#!/usr/bin/env node
import process from 'node:process';
import { Argument, Command, CommanderError } from 'commander';
import { createApi, kubeConfig } from './cluster/api.ts';
import { createCluster } from './cluster/cluster.ts';
import { createLedger } from './cluster/ledger.ts';
import { VERSION } from './commands/version.ts';
import { EXIT, LifecycleError } from './errors/errors.ts';
import { SECRETS_ROOT } from './plan/mounts.ts';
import { STEP_PROGRAMS } from './steps/run/commands.ts';
import { redactorOf } from './steps/run/redact.ts';
import { runProgram, type Ports } from './steps/run/run-program.ts';

const { env, stdout, stderr } = process;
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    stop.abort(new LifecycleError('interrupted', `the process got ${signal}`));
  });
}

const host = {
  env,
  out: (line: string) => void stdout.write(`${line}\n`),
  err: (line: string) => void stderr.write(`${line}\n`),
  signal: stop.signal,
  secrets: SECRETS_ROOT,
  redact: redactorOf(SECRETS_ROOT),
};

/** An Event that takes longer is lost: a step's Job ends no later for it. */
const EVENT_MILLISECONDS = 2000;

function portsOf(lifecycle: string, namespace: string): Ports {
  const config = kubeConfig(env);
  const api = createApi(config, { namespace });
  const events = createApi(config, { namespace, timeoutMilliseconds: EVENT_MILLISECONDS });
  return { ledger: createLedger(api, lifecycle), cluster: createCluster(api, events) };
}

const command = new Command('lifecycle-step')
  .description('The steps of a lifecycle plan, as generate renders them into Jobs. Not meant to be called by hand.')
  .version(VERSION)
  .exitOverride()
  .addHelpText(
    'after',
    `
Environment:
  LIFECYCLE_REQUEST  what the plan wants of its steps, as JSON
  POD_NAMESPACE      the namespace to work in
  KUBECONFIG         only outside of a pod

Exit codes: ${EXIT.ok} done, ${EXIT.problems} refused or failed (first line on stderr: code: detail → remedy), \
${EXIT.usage} called wrongly, ${EXIT.internal} a defect`,
  );

for (const program of STEP_PROGRAMS) {
  const sub = command.command(program.name).description(program.summary);
  if (program.name === 'migrated') sub.addArgument(new Argument('[instance]', 'default: what the plan migrates'));
  sub.action(async (instance: unknown) => {
    const name = typeof instance === 'string' ? instance : undefined;
    process.exitCode = await runProgram(program, name, host, portsOf);
  });
}

try {
  await command.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  } else {
    const known = error instanceof LifecycleError ? error : new LifecycleError('internal', String(error));
    host.err(host.redact()(`${known.message} → ${known.remedy}`));
    process.exitCode = known.code === 'internal' ? EXIT.internal : EXIT.problems;
  }
}
