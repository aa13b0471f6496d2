import { isDone } from '../ledger/step-records.ts';
import type { RunStep } from '../ports/step.ts';
import { found, seen, waitFor } from '../ports/wait.ts';

const MIGRATED_SECONDS = 600;

/**
 * What the Job of the fixed name `<cr>-job` asserts for the Bestie operator: the instance's database is migrated. Blue of
 * a plan that has a green is where the plan starts from, and whatever serves has been migrated before.
 * @param instance name; default the instance that the plan migrates.
 */
export function createMigrated(instance?: string): RunStep {
  return async (context) => {
    const { ledger, request } = context;
    const target = (request.green ?? request.blue).name;
    const name = instance ?? target;
    if (name !== target || request.migrations === false) return { migrated: name };
    const wait = { what: `migration of ${name}`, timeoutSeconds: MIGRATED_SECONDS };
    return waitFor(context, wait, async () => {
      const { status } = await ledger.read();
      const holds = isDone(status, request.digest, 'migrate') || status.serving?.instance === name;
      return holds ? found({ migrated: name }) : seen('it is not on record as done');
    });
  };
}
