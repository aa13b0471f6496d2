import type { V1Job } from '@kubernetes/client-node';
import { BACKUP, CONFIG_HASH, RESTORE } from '../core/names.ts';
import type { JobFacts } from '../core/observed.ts';
import { LABELS } from '../objects/labels.ts';

export interface ClusterJobs {
  readonly restoreJob?: JobFacts;
  readonly manualJob?: JobFacts;
  readonly initialBackupJob?: JobFacts;
}

/** The Jobs that a decision depends on; those that are being deleted count until they are gone. */
export function observeJobs(jobs: readonly V1Job[]): ClusterJobs {
  const find = (matches: (labels: Readonly<Record<string, string>>) => boolean): JobFacts | undefined => {
    const job = jobs.find(({ metadata }) => matches(metadata?.labels ?? {}));
    return job === undefined ? undefined : jobFacts(job);
  };
  const restoreJob = find((labels) => LABELS.restore in labels);
  const manualJob = find((labels) => labels[BACKUP] === 'manual');
  const initialBackupJob = find((labels) => labels[BACKUP] === 'replica-create');
  return {
    ...(restoreJob && { restoreJob }),
    ...(manualJob && { manualJob }),
    ...(initialBackupJob && { initialBackupJob }),
  };
}

function jobFacts({ metadata, status }: V1Job): JobFacts {
  const annotations = metadata?.annotations ?? {};
  const id = annotations[BACKUP] ?? annotations[RESTORE];
  const configHash = annotations[CONFIG_HASH];
  const has = (type: string): boolean =>
    status?.conditions?.some((each) => each.type === type && each.status === 'True') ?? false;
  return {
    name: metadata?.name ?? '',
    outcome: has('Complete') ? 'complete' : has('Failed') ? 'failed' : 'running',
    active: status?.active ?? 0,
    succeeded: status?.succeeded ?? 0,
    failed: status?.failed ?? 0,
    ...(id === undefined ? {} : { id }),
    ...(configHash === undefined ? {} : { configHash }),
    ...(status?.startTime === undefined ? {} : { startTime: timestamp(status.startTime) }),
    ...(status?.completionTime === undefined ? {} : { completionTime: timestamp(status.completionTime) }),
  };
}

/** As the API server writes it: seconds only. */
export const timestamp = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;
