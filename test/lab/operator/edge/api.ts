import type { KubeConfig, KubernetesObject } from '@kubernetes/client-node';
import { ApiException, CustomObjectsApi, KubernetesObjectApi, PatchStrategy } from '@kubernetes/client-node';
import type { Cluster } from '../core/cluster.ts';
import { GROUP } from '../core/names.ts';
import type { Kind, Manifest } from './kinds.ts';
import { API_VERSIONS } from './kinds.ts';

export type Labels = Readonly<Record<string, string>>;

const FIELD_MANAGER = 'postgrescluster-controller';

/** The answers of the API server that are no errors here. */
const status = (error: unknown): number | undefined => (error instanceof ApiException ? error.code : undefined);

/** What the API server said, without the request's and the answer's headers. */
export function describeError(error: unknown): string {
  if (!(error instanceof ApiException)) return error instanceof Error ? error.message : 'failed';
  const message = /"message":"((?:[^"\\]|\\.)*)"/u.exec(String(error.body).replaceAll('\\"', "'"))?.[1];
  return `${error.code} ${message ?? ''}`;
}

async function unless<T>(codes: readonly (404 | 409)[], request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (codes.some((code) => status(error) === code)) return undefined;
    throw error;
  }
}

/** The API server. Reads are never from a cache: a decision on a stale status could destroy data. */
export class Api {
  readonly config: KubeConfig;
  private readonly objects: KubernetesObjectApi;
  private readonly custom: CustomObjectsApi;

  constructor(config: KubeConfig) {
    this.config = config;
    this.objects = KubernetesObjectApi.makeApiClient(config);
    this.custom = config.makeApiClient(CustomObjectsApi);
  }

  async cluster(namespace: string, name: string): Promise<Cluster | undefined> {
    const request = { group: GROUP, version: 'v1beta1', namespace, plural: 'postgresclusters', name };
    return (await unless([404], this.custom.getNamespacedCustomObject(request))) as Cluster | undefined;
  }

  /** @returns false if the object was changed since it was read. */
  async replaceStatus(cluster: Cluster): Promise<boolean> {
    const { namespace, name } = cluster.metadata;
    const request = { group: GROUP, version: 'v1beta1', namespace, plural: 'postgresclusters', name, body: cluster };
    return (await unless([409], this.custom.replaceNamespacedCustomObjectStatus(request))) !== undefined;
  }

  read<T extends KubernetesObject>(kind: Kind, namespace: string, name: string): Promise<T | undefined> {
    return unless([404], this.objects.read<T>({ apiVersion: API_VERSIONS[kind], kind, metadata: { name, namespace } }));
  }

  async list<T extends KubernetesObject>(kind: Kind, namespace: string, labels: Labels): Promise<readonly T[]> {
    const selector = Object.entries(labels).map(([key, value]) => (value === '' ? key : `${key}=${value}`));
    const { items } = await this.objects.list<T>(
      API_VERSIONS[kind],
      kind,
      namespace,
      ...([undefined, undefined, undefined, undefined] as const),
      selector.join(','),
    );
    return items;
  }

  /** Makes or changes an object by server-side apply: what is applied is what this controller wants of it, no more. */
  async apply(namespace: string, manifest: Manifest): Promise<void> {
    const object = {
      apiVersion: API_VERSIONS[manifest.kind],
      ...manifest,
      metadata: { ...manifest.metadata, namespace },
    };
    await this.objects.patch(object, undefined, undefined, FIELD_MANAGER, true, PatchStrategy.ServerSideApply);
  }

  /** Makes an object unless it is there. */
  async create(namespace: string, manifest: Manifest): Promise<void> {
    const object = {
      apiVersion: API_VERSIONS[manifest.kind],
      ...manifest,
      metadata: { ...manifest.metadata, namespace },
    };
    await unless([409], this.objects.create(object));
  }

  /** Merge-patches the metadata of an object that may be gone, or be another one if a UID is given. */
  async merge(kind: Kind, namespace: string, name: string, metadata: Record<string, unknown>): Promise<void> {
    const object = { apiVersion: API_VERSIONS[kind], kind, metadata: { name, namespace, ...metadata } };
    const strategy = PatchStrategy.MergePatch;
    await unless([404, 409], this.objects.patch(object, undefined, undefined, FIELD_MANAGER, undefined, strategy));
  }

  async remove(kind: Kind, namespace: string, name: string): Promise<void> {
    const object = { apiVersion: API_VERSIONS[kind], kind, metadata: { name, namespace } };
    await unless(
      [404],
      this.objects.delete(object, ...([undefined, undefined, undefined, undefined] as const), 'Background'),
    );
  }
}
