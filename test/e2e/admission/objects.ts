import { ANNOTATION, LABEL, instanceSelector } from '../../../plugin/plan/labels.ts';

/** The objects that the admission policies are asked about. */
export const NAMESPACE = 'f-admission';
export const DIGEST = 'abcdef012345';
/** A reason for which the glass may be broken, until when. */
export const BROKEN = '2026-11-24T18:00:00Z incident 42';
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
    spec: { selector, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  };
}

export const selecting = (instance: string): unknown => service(instanceSelector('bestie', instance));

/** `paused`: an operator that runs beside leaves it alone. */
export function cluster(
  name: string,
  role: string,
  spec: object = {},
  labels: Meta = {},
  annotations: Meta = {},
): unknown {
  return {
    apiVersion: `${PGO}/v1beta1`,
    kind: 'PostgresCluster',
    metadata: {
      name,
      namespace: NAMESPACE,
      labels: { [LABEL.lifecycle]: 'bestie', [LABEL.role]: role, [LABEL.digest]: DIGEST, ...labels },
      annotations,
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

/** Of the ledger: a restore in place, but for its state. */
export const RESTORE = {
  id: 'r1',
  digest: DIGEST,
  instance: 'bestie',
  repository: 'repo1',
  target: 'latest',
  requestedAt: NOW,
  recovery: {
    label: '20261122-010000F',
    timeline: 1,
    options: ['--type=default', '--target-timeline=1', '--set=20261122-010000F'],
  },
};

/** Of the ledger: a restore beside, as bestie3, but for its state. */
export const CLONE = { ...RESTORE, id: 'c1', instance: 'bestie3', source: 'bestie' };

/** What its step makes. @param spec empty: without a source. */
export const restoredBeside = (id = 'c1', spec: object = { dataSource: SOURCE }): unknown =>
  cluster('bestie3-pgo', 'restored', spec, { [LABEL.instance]: 'bestie3' }, { [ANNOTATION.restoredFor]: id });

/** The application of blue, without pods. */
export function application(version: string): unknown {
  const labels = instanceSelector('bestie', 'bestie');
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'bestie-app', namespace: NAMESPACE, labels: { ...labels, [LABEL.role]: 'blue' } },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'application', image: `localhost/bestie:${version}` }] },
      },
    },
  };
}

const binding = (name: string, kind: string, role: string, subject: object): unknown => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: { name, namespace: NAMESPACE },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: role },
  subjects: [subject],
});

const account = (name: string, namespace = NAMESPACE): object => ({ kind: 'ServiceAccount', name, namespace });

/** `eve` has the stock role edit and more than a person should; Argo CD the stock cluster-admin; a step what it needs. */
export const ACCESS = [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'step', namespace: NAMESPACE },
    rules: [
      { apiGroups: ['lifecycle.bestie.com'], resources: ['lifecycles', 'lifecycles/status'], verbs: ['get', 'patch'] },
      { apiGroups: [''], resources: ['services'], verbs: ['get', 'patch'] },
      {
        apiGroups: [PGO],
        resources: ['postgresclusters', 'postgresclusters/status'],
        verbs: ['get', 'patch', 'create'],
      },
    ],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'databases', namespace: NAMESPACE },
    rules: [
      { apiGroups: [PGO], resources: ['postgresclusters'], verbs: ['get', 'patch', 'update', 'delete'] },
      { apiGroups: ['', 'discovery.k8s.io'], resources: ['endpoints', 'endpointslices'], verbs: ['*'] },
    ],
  },
  ...['bestie-commit', 'bestie-restore', 'other-commit', 'other-restore', 'bestie-clone', 'other-clone'].map((each) =>
    binding(`step-${each}`, 'Role', 'step', account(each)),
  ),
  binding('eve', 'ClusterRole', 'edit', { kind: 'User', name: 'eve' }),
  binding('eve-databases', 'Role', 'databases', { kind: 'User', name: 'eve' }),
  binding('argocd', 'ClusterRole', 'cluster-admin', account('argocd-application-controller', 'argocd')),
] as const;

export const EVE = '--as=eve';
export const ARGOCD = '--as=system:serviceaccount:argocd:argocd-application-controller';

/** As the operator makes it for an instance: `owner` is the PostgresCluster's UID. */
export function volume(name: string, owner?: string): unknown {
  const ownerReferences =
    owner === undefined
      ? []
      : [{ apiVersion: `${PGO}/v1beta1`, kind: 'PostgresCluster', name: 'bestie-pgo', uid: owner, controller: true }];
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: NAMESPACE, labels: { [`${PGO}/cluster`]: 'bestie-pgo' }, ownerReferences },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
}

/** Sends the clients of a Service to an address that is no pod of it. */
export const slice = (serviceName: string): unknown => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'elsewhere', namespace: NAMESPACE, labels: { 'kubernetes.io/service-name': serviceName } },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['192.0.2.1'] }],
  ports: [],
});
