import type { JobStatus } from './cluster.ts';
import type { JobFacts } from './observed.ts';

/** What status shows of a Job; a Job that still retries is not finished, however often it has failed. */
export function jobStatus(id: string, job: JobFacts): JobStatus {
  return {
    id,
    finished: job.outcome !== 'running',
    ...(job.startTime === undefined ? {} : { startTime: job.startTime }),
    ...(job.completionTime === undefined ? {} : { completionTime: job.completionTime }),
    ...(job.active > 0 ? { active: job.active } : {}),
    ...(job.succeeded > 0 ? { succeeded: job.succeeded } : {}),
    ...(job.failed > 0 ? { failed: job.failed } : {}),
  };
}
