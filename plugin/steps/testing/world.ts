import type { Status } from '../../lifecycle/status.ts';
import { instanceSelector } from '../../plan/labels.ts';
import { instanceObjects } from '../../plan/names.ts';
import { isBeside } from '../../plan/steps.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import type { Cluster, Ledger } from '../ports/ports.ts';
import type { StepContext } from '../ports/step.ts';
import { MemoryCluster } from './memory-cluster.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { VirtualClock } from './virtual-clock.ts';

export const DIGEST = '0a1b2c3d4e5f';
export const BLUE = instanceObjects({ name: 'bestie', version: '1.3' });
export const GREEN = instanceObjects({ name: 'bestie2', version: '1.4' });

export function requestFor(plan: StepRequest['plan'], more: Partial<StepRequest> = {}): StepRequest {
  return {
    lifecycle: 'bestie',
    plan,
    digest: DIGEST,
    attempt: 1,
    blue: BLUE,
    ...(plan === 'AtRest' || plan === 'Restore' ? {} : { green: GREEN }),
    database: { user: 'bestie', databases: ['bestie'], postgresVersion: 15 },
    traffic: { service: 'bestie', port: 80 },
    application: { port: 8000, replicas: 3, readinessPath: '/foster', smoke: { path: '/', expectStatus: 200 } },
    migrations: true,
    ...((plan === 'Restore' || isBeside(plan)) && { approval: 'not needed' }),
    backup: { id: `lifecycle-${DIGEST}`, repository: 'repo1', type: 'incremental' },
    restorePoint: `lifecycle-${DIGEST}`,
    windowBudgetSeconds: 600,
    ...more,
  };
}

export const SERVING: NonNullable<Status['serving']> = {
  instance: BLUE.name,
  version: BLUE.version,
  since: '2026-11-01T00:00:00.000Z',
  digest: 'ffffffffffff',
};

/** A namespace where blue serves, with its ledger and clock. */
export interface World {
  readonly clock: VirtualClock;
  readonly ledger: MemoryLedger;
  readonly cluster: MemoryCluster;
  readonly lines: string[];
  readonly stop: AbortController;
  context(request: StepRequest, ports?: { readonly ledger: Ledger; readonly cluster: Cluster }): StepContext;
}

export function worldAtRest(status: Status = { serving: SERVING }, annotations: Record<string, string> = {}): World {
  const clock = new VirtualClock();
  const ledger = new MemoryLedger(status, annotations);
  const cluster = new MemoryCluster(clock);
  cluster.operator.create(BLUE.cluster);
  cluster.deployments.set(BLUE.application, { instance: BLUE.name, wanted: 1, ready: 1 });
  cluster.services.set('bestie', instanceSelector('bestie', BLUE.name));
  cluster.services.set(BLUE.service, instanceSelector('bestie', BLUE.name));
  const lines: string[] = [];
  const stop = new AbortController();
  return {
    clock,
    ledger,
    cluster,
    lines,
    stop,
    context: (request, ports = { ledger, cluster }) => ({
      request,
      namespace: 'prod',
      ...ports,
      clock,
      progress: {
        report: (line) => {
          lines.push(line);
        },
      },
      secrets: '/nowhere',
      signal: stop.signal,
    }),
  };
}

/** Green as it stands before the commit: cloned, verified, migrated, its application started. */
export function addGreen({ cluster }: World): void {
  cluster.operator.create(GREEN.cluster);
  cluster.deployments.set(GREEN.application, { instance: GREEN.name, wanted: 1, ready: 1 });
  cluster.services.set(GREEN.service, instanceSelector('bestie', GREEN.name));
}
