import { LABEL, instanceSelector } from '../../../plugin/plan/labels.ts';

/** The objects that the admission policies are asked about. */
export const NAMESPACE = 'f-admission';
export const DIGEST = 'abcdef012345';
export const NOW = '2026-11-23T14:00:00Z';

export type Meta = Readonly<Record<string, string>>;
export const PGO = 'postgres-operator.crunchydata.com';
export const SOURCE = { postgresCluster: { clusterName: 'bestie-pgo', repoName: 'repo1', options: ['--type=name'] } };

export function lifecycle(name: string): unknown {
  return {
    apiVersion: 'lifecycle.bestie.com/v1alpha1',
    kind: 'Lifecycle',
    metadata: { name, namespace: NAMESPACE, labels: { [LABEL.lifecycle]: name } },
    spec: {
      application: { kind: 'Deployment', image: 'localhost/bestie' },
      database: { provider: 'crunchy', postgresVersion: 15, storage: '1Gi', user: 'bestie' },
      traffic: { service: name },
      backup: { repositories: [{ name: 'repo1', volume: { storage: '1Gi' } }] },
      blue: { name, version: '1.3' },
    },
  };
}

export function service(selector: Meta, labels: Meta = {}, annotations: Meta = {}): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'bestie',
      namespace: NAMESPACE,
      labels: { [LABEL.lifecycle]: 'bestie', [LABEL.service]: 'traffic', ...labels },
      annotations,
    },
    spec: { selector, ports: [{ port: 80 }] },
  };
}

export const selecting = (instance: string): unknown => service(instanceSelector('bestie', instance));

/** `paused`: an operator that runs beside leaves it alone. */
export function cluster(name: string, role: string, spec: object = {}): unknown {
  return {
    apiVersion: `${PGO}/v1beta1`,
    kind: 'PostgresCluster',
    metadata: {
      name,
      namespace: NAMESPACE,
      labels: { [LABEL.lifecycle]: 'bestie', [LABEL.role]: role, [LABEL.digest]: DIGEST },
    },
    spec: {
      paused: true,
      postgresVersion: 15,
      instances: [{ name: 'set1', dataVolumeClaimSpec: { accessModes: ['ReadWriteOnce'] } }],
      backups: { pgbackrest: { repos: [{ name: 'repo1', volume: { volumeClaimSpec: {} } }] } },
      ...spec,
    },
  };
}

export const restoring = {
  backups: { pgbackrest: { repos: [{ name: 'repo1' }], restore: { enabled: true, repoName: 'repo1' } } },
};

/** A ledger's status with only a decision. */
export function decision(state: string, more: object = {}): { readonly decision: object } {
  const fields = { digest: DIGEST, state, attempt: 1, blue: 'bestie', green: 'bestie2', openedAt: NOW };
  return { decision: { ...fields, ...more } };
}

export const SERVING = { serving: { instance: 'bestie', version: '1.3', since: NOW, digest: DIGEST } };
