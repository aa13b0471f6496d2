import { sameAs } from './migrated-around-restore.ts';
import { isMigrating, recordOf, withDone } from '../ledger/step-records.ts';
import { refuse, type Evidence, type RunStep, type StepContext } from '../ports/step.ts';

/**
 * After the migration: closes green again and records the migration as done, in this order, so that what is done has left
 * green closed. It runs only when the migration's container ended with 0.
 * @param closeGreen takes from the migration's role what the guard has given it.
 */
export function createMigrateRecord(closeGreen: (context: StepContext) => Promise<void>): RunStep {
  return async (context): Promise<Evidence> => {
    const { ledger, request, clock } = context;
    const { digest } = request;
    const evidence: Evidence = { exitCode: 0, ...sameAs(request) };
    if (isMigrating((await ledger.read()).status, digest)) await closeGreen(context);
    const { view } = await ledger.update(({ status }) => {
      if (!isMigrating(status, digest)) return undefined;
      return { ...withDone(status, digest, 'migrate', clock.now(), evidence), message: 'migrate: done' };
    });
    const record = recordOf(view.status, digest, 'migrate');
    if (record?.state !== 'Done') {
      return refuse('step-out-of-order', `the migration is on record as ${record?.state ?? 'not started'}`);
    }
    return { migrate: 'done', seconds: record.seconds ?? 0 };
  };
}
