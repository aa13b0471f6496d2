import {
  CoreV1Event,
  PatchStrategy,
  setHeaderOptions,
  V1DeleteOptions,
  type V1ObjectMeta,
} from '@kubernetes/client-node';
import { z } from 'zod';
import { API_VERSION } from '../lifecycle/schema.ts';
import { ANNOTATION, OPERATOR_LABEL } from '../plan/labels.ts';
import type { Cluster, Guarded, RestoreRequest } from '../steps/ports/ports.ts';
import type { Api } from './api.ts';
import { ApiError } from './api-error.ts';
import { lifecycleTarget } from './ledger.ts';
import { deploymentView, jobView, podView, readyPods } from './views.ts';
import { postgresClusterView } from './postgres-cluster.ts';

const MERGE = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
const JSON_PATCH = setHeaderOptions('Content-Type', PatchStrategy.JsonPatch);

/**
 * Kubernetes as steps see it. No watches: the steps' Roles have none, and polling survives every broken connection.
 * @param events for what is told of the Lifecycle, once and without patience: nobody waits for it
 */
export function createCluster(api: Api, events: Api = api): Cluster {
  const { namespace, apps, batch, core, custom, discovery } = api;
  const postgres = (name: string) => ({
    group: 'postgres-operator.crunchydata.com',
    version: 'v1beta1',
    namespace,
    plural: 'postgresclusters',
    name,
  });
  const target = ({ kind, name }: Guarded) => (kind === 'Lifecycle' ? lifecycleTarget(api, name) : postgres(name));
  const read = (object: Guarded): Promise<unknown> =>
    object.kind === 'Service'
      ? core.readNamespacedService({ namespace, name: object.name })
      : custom.getNamespacedCustomObject(target(object));
  const jsonPatch = (object: Guarded, body: object[]): Promise<unknown> =>
    object.kind === 'Service'
      ? core.patchNamespacedService({ namespace, name: object.name, body }, JSON_PATCH)
      : custom.patchNamespacedCustomObject({ ...target(object), body }, JSON_PATCH);

  return {
    postgresCluster: (name) =>
      present(async () => {
        const get = () => custom.getNamespacedCustomObject(postgres(name));
        return postgresClusterView(await api.call(`get postgrescluster ${name}`, get));
      }),
    annotatePostgresCluster: async (name, annotations, labels = {}) => {
      const body = { metadata: { annotations, labels } };
      const patch = () => custom.patchNamespacedCustomObject({ ...postgres(name), body }, MERGE);
      await api.call(`annotate postgrescluster ${name}`, patch);
    },
    createPostgresCluster: async (object) => {
      const { name, ...collection } = postgres(object.metadata.name);
      const create = () =>
        custom.createNamespacedCustomObject({ ...collection, body: object, fieldManager: CREATED_BY });
      await api.call(`create postgrescluster ${name}`, create);
    },
    removeDataSource: async (name) => {
      const get = () => custom.getNamespacedCustomObject(postgres(name));
      const { metadata, spec } = owned.parse(await api.call(`get postgrescluster ${name}`, get));
      const at = metadata.managedFields.findIndex(({ manager }) => manager === CREATED_BY);
      const source = 'dataSource' in spec ? [{ op: 'remove', path: '/spec/dataSource' }] : [];
      const body = [...source, ...(at < 0 ? [] : disowning(at))];
      if (body.length === 0) return;
      await api.call(`take the source off postgrescluster ${name}`, () =>
        jsonPatch({ kind: 'PostgresCluster', name }, body),
      );
    },
    setRestore: async (name, restore) => {
      const body = {
        metadata: { annotations: { [ANNOTATION.pgoRestore]: restore?.id ?? null } },
        spec: { backups: { pgbackrest: { restore: restore && restoreBlock(restore) } } },
      };
      const patch = () => custom.patchNamespacedCustomObject({ ...postgres(name), body }, MERGE);
      await api.call(`set the restore of postgrescluster ${name}`, patch);
    },
    reapplyUsers: async (name) => {
      const body = { status: { usersRevision: '' } };
      const patch = () => custom.patchNamespacedCustomObjectStatus({ ...postgres(name), body }, MERGE);
      await api.call(`reapply the users of postgrescluster ${name}`, patch);
    },
    deletePostgresCluster: async (name, uid) => {
      const body = Object.assign(new V1DeleteOptions(), { preconditions: { uid }, propagationPolicy: 'Foreground' });
      const remove = () => custom.deleteNamespacedCustomObject({ ...postgres(name), body });
      await present(() => api.call(`delete postgrescluster ${name}`, remove));
    },
    volumeClaims: async (cluster) => {
      const labelSelector = selectorText({ [OPERATOR_LABEL.cluster]: cluster });
      const list = () => core.listNamespacedPersistentVolumeClaim({ namespace, labelSelector });
      const { items } = await api.call('list persistentvolumeclaims', list);
      return items.map(({ metadata }) => metadata?.name ?? '');
    },
    jobs: async (labels) => {
      const list = () => batch.listNamespacedJob({ namespace, labelSelector: selectorText(labels) });
      return (await api.call('list jobs', list)).items.map(jobView);
    },
    jobLog: async (job, container) => {
      const list = () => core.listNamespacedPod({ namespace, labelSelector: `job-name=${job}` });
      const { items } = await api.call('list pods', list);
      const [newest] = items.sort((a, b) => createdAt(b) - createdAt(a));
      const name = newest?.metadata?.name;
      if (name === undefined) return '';
      const read = () => core.readNamespacedPodLog({ namespace, name, container, tailLines: LOG_LINES });
      return api.once(`read the log of ${name}`, read);
    },
    deleteJob: async (name) => {
      const remove = () => batch.deleteNamespacedJob({ namespace, name, propagationPolicy: 'Background' });
      await present(() => api.call(`delete job ${name}`, remove));
    },
    pods: async (labels) => {
      const list = () => core.listNamespacedPod({ namespace, labelSelector: selectorText(labels) });
      const { items } = await api.call('list pods', list);
      return items.filter(({ status }) => !['Succeeded', 'Failed'].includes(status?.phase ?? '')).map(podView);
    },
    deployment: (name) =>
      present(async () => {
        const get = () => apps.readNamespacedDeployment({ namespace, name });
        return deploymentView(await api.call(`get deployment ${name}`, get));
      }),
    scaleDeployment: async (name, replicas) => {
      const patch = () => apps.patchNamespacedDeploymentScale({ namespace, name, body: { spec: { replicas } } }, MERGE);
      await api.call(`scale deployment ${name}`, patch);
    },
    deleteDeployment: async (name) => {
      const remove = () => apps.deleteNamespacedDeployment({ namespace, name });
      await present(() => api.call(`delete deployment ${name}`, remove));
    },
    serviceSelector: (name) =>
      present(async () => {
        const get = () => core.readNamespacedService({ namespace, name });
        return (await api.call(`get service ${name}`, get)).spec?.selector ?? {};
      }),
    setServiceSelector: async (name, selector) => {
      // A JSON patch takes the place of the whole map in one request; a merge patch would keep keys that are to go.
      const body = [{ op: 'add', path: '/spec/selector', value: selector }];
      await api.call(`patch service ${name}`, () => jsonPatch({ kind: 'Service', name }, body));
    },
    endpoints: async (service) => {
      const labelSelector = `kubernetes.io/service-name=${service}`;
      const list = () => discovery.listNamespacedEndpointSlice({ namespace, labelSelector });
      return readyPods((await api.call('list endpointslices', list)).items);
    },
    annotation: (object, key) =>
      present(async () => {
        const answer = await api.call(`get ${nameOf(object)}`, () => read(object));
        return annotated.parse(answer).metadata.annotations[key];
      }),
    annotated: async (kind, labels, key) => {
      const labelSelector = selectorText(labels);
      const list = async (): Promise<readonly { readonly metadata?: V1ObjectMeta }[]> =>
        kind === 'EndpointSlice'
          ? (await discovery.listNamespacedEndpointSlice({ namespace, labelSelector })).items
          : (await core.listNamespacedPersistentVolumeClaim({ namespace, labelSelector })).items;
      return (await api.call(`list ${kind}s`, list)).flatMap(({ metadata }) => {
        const value = metadata?.annotations?.[key];
        return value === undefined ? [] : [{ name: metadata?.name ?? '', value }];
      });
    },
    removeAnnotation: async (object, key, value) => {
      const path = `/metadata/annotations/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      const body = [
        { op: 'test', path, value },
        { op: 'remove', path },
      ];
      await api.call(`take ${key} off ${nameOf(object)}`, () => jsonPatch(object, body));
    },
    announce: async ({ name, uid }, { type, reason, message }) => {
      const now = new Date();
      const body = Object.assign(new CoreV1Event(), {
        metadata: { generateName: `${name}-` },
        involvedObject: { apiVersion: API_VERSION, kind: 'Lifecycle', namespace, name, uid },
        type,
        reason,
        message: message.slice(0, 1024),
        source: { component: 'lifecycle-step' },
        firstTimestamp: now,
        lastTimestamp: now,
        count: 1,
      });
      await events.once('create event', () => events.core.createNamespacedEvent({ namespace, body }));
    },
  };
}

/** Who reads it looks for what went wrong last. */
const LOG_LINES = 200;

const createdAt = ({ metadata }: { readonly metadata?: V1ObjectMeta }): number =>
  metadata?.creationTimestamp?.getTime() ?? 0;

/** Who makes a PostgresCluster; Argo CD applies the same fields a moment later. */
const CREATED_BY = 'lifecycle-clone';

const owned = z.looseObject({
  metadata: z.looseObject({ managedFields: z.array(z.looseObject({ manager: z.string().optional() })).default([]) }),
  spec: z.looseObject({}),
});

/** A field that two managers own stays when one of them leaves it out: what the file drops would never go. */
const disowning = (at: number): object[] => [
  { op: 'test', path: `/metadata/managedFields/${at}/manager`, value: CREATED_BY },
  { op: 'remove', path: `/metadata/managedFields/${at}` },
];

const restoreBlock = ({ repository, options }: RestoreRequest): object => ({
  enabled: true,
  repoName: repository,
  options,
});

const annotated = z.looseObject({
  metadata: z.looseObject({ annotations: z.record(z.string(), z.string()).default({}) }),
});

const nameOf = ({ kind, name }: Guarded): string => `${kind.toLowerCase()} ${name}`;

function selectorText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** @returns undefined where the object does not exist. */
async function present<T>(action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}
