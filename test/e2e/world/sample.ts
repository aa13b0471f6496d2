import { stringify } from 'yaml';

export interface RestoreSample {
  readonly id: string;
  readonly target: { readonly time: string } | { readonly undo: string } | { readonly latest: true };
  readonly applicationVersion?: string;
  readonly repository?: string;
  readonly attempt?: number;
  /** A restore beside. */
  readonly mode?: 'Clone';
  readonly name?: string;
  readonly stage?: 'Prepare' | 'Switch';
  readonly sourceLost?: true;
}

/** The lifecycle files that the end-to-end tests and the demo commit: what a user would write. */
export interface SampleOptions {
  readonly blueVersion?: string;
  /** A full backup. */
  readonly onDemand?: string;
  readonly onDemandRepository?: string;
  /** Default one on a volume. */
  readonly repositories?: readonly Readonly<Record<string, unknown>>[];
  readonly green?: {
    readonly stage: 'Prepare' | 'Switch';
    readonly version?: string;
    readonly windowBudget?: string;
    readonly attempt?: number;
  };
  readonly restore?: RestoreSample;
  readonly replicas?: number;
  /** Of the database. */
  readonly instances?: number;
  /** The application's, and others of its role; default its own alone. */
  readonly databases?: readonly string[];
  /** PgBouncer and the exporter: the operator's own roles on every cluster. */
  readonly proxyAndMonitoring?: boolean;
}

export const BLUE = 'bestie';
export const GREEN = 'bestie2';
export const DATABASE = 'bestie';

export const VOLUME = {
  name: 'repo1',
  volume: { storage: '1Gi' },
  schedules: { full: '0 1 * * 0', incremental: '0 */4 * * *' },
  retention: { full: 2 },
};

export function sampleLifecycle({
  blueVersion = '1.3',
  onDemand,
  onDemandRepository = 'repo1',
  repositories = [VOLUME],
  green,
  restore,
  replicas = 2,
  instances = 1,
  databases,
  proxyAndMonitoring = false,
}: SampleOptions = {}): string {
  return stringify({
    apiVersion: 'lifecycle.bestie.com/v1alpha1',
    kind: 'Lifecycle',
    metadata: { name: 'bestie' },
    spec: {
      application: {
        kind: 'Deployment',
        image: 'localhost/bestie',
        port: 8000,
        replicas,
        readinessPath: '/foster',
        migrations: { command: ['bestie', 'migrate'] },
        smokeTest: { path: '/', expectStatus: 200 },
      },
      database: {
        provider: 'crunchy',
        postgresVersion: 15,
        storage: '1Gi',
        user: DATABASE,
        ...(instances === 1 ? {} : { replicas: instances }),
        ...(databases && { databases }),
        ...(proxyAndMonitoring
          ? { spec: { proxy: { pgBouncer: { replicas: 1 } }, monitoring: { pgmonitor: { exporter: {} } } } }
          : {}),
      },
      traffic: { service: 'bestie', port: 80 },
      backup: {
        repositories,
        ...(onDemand === undefined ? {} : { onDemand: { id: onDemand, repository: onDemandRepository, type: 'full' } }),
      },
      blue: { name: BLUE, version: blueVersion },
      ...(restore && { restore: { mode: 'InPlace', repository: 'repo1', ...restore } }),
      ...(green && {
        green: {
          name: GREEN,
          version: green.version ?? '1.4',
          strategy: 'Clone',
          stage: green.stage,
          windowBudget: green.windowBudget ?? '5m',
          attempt: green.attempt ?? 1,
        },
      }),
    },
  });
}
