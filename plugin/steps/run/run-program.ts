import { LifecycleError } from '../../errors/errors.ts';
import { stepRequestSchema, type StepRequest } from '../../plan/step-request.ts';
import { systemClock } from '../ports/clock.ts';
import { announcingLedger } from './announce.ts';
import type { StepProgram } from './commands.ts';
import type { Cluster, Ledger } from '../ports/ports.ts';
import { createProgress } from './progress.ts';
import { redactingLedger, type LoadRedact } from './redact.ts';
import type { Outcome } from './runner.ts';

export interface Ports {
  readonly ledger: Ledger;
  readonly cluster: Cluster;
}

export interface Process {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  /** Aborted by SIGTERM. */
  readonly signal: AbortSignal;
  readonly secrets: string;
  readonly redact: LoadRedact;
}

/** Runs one subcommand with the request of the environment. @returns the exit code. */
export async function runProgram(
  program: StepProgram,
  instance: string | undefined,
  { env, out, err, signal, secrets, redact }: Process,
  portsOf: (lifecycle: string, namespace: string) => Ports,
): Promise<number> {
  const request = requestOf(env['LIFECYCLE_REQUEST']);
  const namespace = env['POD_NAMESPACE'] ?? '';
  if (namespace === '') throw new LifecycleError('request-invalid', 'POD_NAMESPACE is not set');
  const ports = portsOf(request.lifecycle, namespace);
  const print = (line: string): void => {
    out(redact()(line));
  };
  const announced = announcingLedger(
    redactingLedger(ports.ledger, redact),
    (uid, event) => ports.cluster.announce({ name: request.lifecycle, uid }, event),
    (reason) => {
      print(`the Event ${reason} could not be made`);
    },
  );
  const { ledger } = announced;
  const progress = createProgress({ clock: systemClock, ledger, step: program.name, digest: request.digest, print });
  const context = { ...ports, request, namespace, ledger, clock: systemClock, progress, secrets, signal };
  const outcome = await program.run(context, instance);
  await progress.settled();
  await announced.settled();
  if ('error' in outcome) err(redact()(failureText(outcome)));
  else print(outcome.text);
  return outcome.exit;
}

/** The first line is for people; the place of a defect follows. */
function failureText({ error }: Extract<Outcome, { readonly error: LifecycleError }>): string {
  const line = `${error.message} → ${error.remedy}`;
  return error.code === 'internal' ? `${line}\n${error.stack ?? ''}` : line;
}

function requestOf(json: string | undefined): StepRequest {
  if (json === undefined) throw new LifecycleError('request-invalid', 'LIFECYCLE_REQUEST is not set');
  const request = stepRequestSchema.safeParse(parse(json));
  if (request.success) return request.data;
  const problems = request.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new LifecycleError('request-invalid', `LIFECYCLE_REQUEST: ${problems.join('; ')}`);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new LifecycleError('request-invalid', 'LIFECYCLE_REQUEST is no JSON');
  }
}
