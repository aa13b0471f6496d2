import type { StepRecord } from '../../lifecycle/status.ts';

/** When a migration on record was done, also where its plan has taken over the record of another one. */
export const migratedAt = ({ evidence, finishedAt = '' }: StepRecord): string => {
  const doneAt = evidence?.['doneAt'];
  return typeof doneAt === 'string' ? doneAt : finishedAt;
};
