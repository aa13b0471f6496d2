import { recordOf, withDone } from '../ledger/step-records.ts';
import { refuse, type Evidence, type RunStep } from '../ports/step.ts';

/** After the migration: records it as done. It runs only when the migration's container ended with 0. */
export const migrateRecord: RunStep = async ({ ledger, request, clock }): Promise<Evidence> => {
  const { digest } = request;
  const { view } = await ledger.update(({ status }) => {
    if (recordOf(status, digest, 'migrate')?.state !== 'Started') return undefined;
    return { ...withDone(status, digest, 'migrate', clock.now(), { exitCode: 0 }), message: 'migrate: done' };
  });
  const record = recordOf(view.status, digest, 'migrate');
  if (record?.state !== 'Done') {
    return refuse('step-out-of-order', `the migration is on record as ${record?.state ?? 'not started'}`);
  }
  return { migrate: 'done', seconds: record.seconds ?? 0 };
};
