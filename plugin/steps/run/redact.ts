import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Status } from '../../lifecycle/status.ts';
import type { Ledger } from '../ports/ports.ts';

type Redact = (text: string) => string;

/** Reads the secrets as they are now. */
export type LoadRedact = () => Redact;

/** Keys of the operator's user Secrets that hold, or contain, something secret. */
const SECRET_KEYS = '*/*/{password,uri,jdbc-uri,verifier}';

/**
 * Takes every secret that this pod has mounted out of a text, whatever message it got into. The files are read each time:
 * green's come late, and kubelet replaces them.
 */
export function redactorOf(secrets: string): LoadRedact {
  return () => {
    const values = globSync(SECRET_KEYS, { cwd: secrets })
      .map((file) => readFileSync(join(secrets, file), 'utf8').trim())
      .filter((value) => value !== '')
      .flatMap((value) => [value, encodeURIComponent(value)])
      .sort((a, b) => b.length - a.length);
    return (text) => values.reduce((rest, value) => rest.replaceAll(value, '***'), text);
  };
}

/**
 * A ledger whose text for people no secret gets into: messages, and reasons. What is structured holds none, and is never
 * rewritten: an application's password may be a word of it, and an abort has to find its roles as they were recorded.
 */
export function redactingLedger(ledger: Ledger, load: LoadRedact): Ledger {
  return {
    read: () => ledger.read(),
    update: (change) =>
      ledger.update((view) => {
        const status = change(view);
        return status && redacted(status, load());
      }),
  };
}

function redacted(status: Status, redact: Redact): Status {
  const reasoned = <T extends { readonly reason?: string | undefined }>(each: T): T =>
    each.reason === undefined ? each : { ...each, reason: redact(each.reason) };
  return {
    ...status,
    ...(status.message !== undefined && { message: redact(status.message) }),
    ...(status.decision && { decision: reasoned(status.decision) }),
    ...(status.restores && { restores: status.restores.map(reasoned) }),
    ...(status.steps && { steps: status.steps.map(reasoned) }),
    ...(status.history && { history: status.history.map(reasoned) }),
  };
}
