import { KubeConfig } from '@kubernetes/client-node';
import { z } from 'zod';
import { LifecycleError } from '../errors/errors.ts';
import { OPERATOR_LABEL } from '../plan/labels.ts';
import { createApi } from './api.ts';
import { ApiError } from './api-error.ts';
import { podHost, type PodHost } from './database-host.ts';
import { lifecyclesTarget, lifecycleTarget } from './ledger.ts';

/** How a person's commands find the cluster, as kubectl does: KUBECONFIG, ~/.kube/config, or the pod's ServiceAccount. */
export interface Connection {
  readonly context?: string;
  /** Default: that of the context. */
  readonly namespace?: string;
}

/** The Lifecycles of a namespace, as whoever asks may read them. */
export interface Lifecycles {
  readonly namespace: string;
  names(): Promise<readonly string[]>;
  /** The object as the API serves it. @throws LifecycleError no-lifecycle where there is none. */
  get(name: string): Promise<unknown>;
  /** The container of a database's primary. @param cluster its PostgresCluster. @throws LifecycleError not-in-time where none runs. */
  databaseHost(cluster: string): Promise<PodHost>;
}

/** The library's complaint quotes the file, which holds secrets. */
function load(config: KubeConfig): void {
  try {
    config.loadFromDefault();
  } catch {
    throw new LifecycleError('usage', 'the kubeconfig (KUBECONFIG, or ~/.kube/config) cannot be read');
  }
}

/** Somebody waits for it. */
const PATIENCE_MILLISECONDS = 5000;

const listSchema = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });

/** @throws LifecycleError usage where the configuration has no such context, api-failed where it names no cluster. */
export function connectLifecycles({ context, namespace }: Connection): Lifecycles {
  const config = new KubeConfig();
  load(config);
  if (context !== undefined) {
    const known = config.getContexts().map(({ name }) => name);
    if (!known.includes(context))
      throw new LifecycleError('usage', `there is no context ${JSON.stringify(context)}; known: ${known.join(', ')}`);
    config.setCurrentContext(context);
  }
  const of = namespace ?? config.getContextObject(config.getCurrentContext())?.namespace ?? 'default';
  const api = createApi(config, { namespace: of, patienceMilliseconds: PATIENCE_MILLISECONDS });
  return {
    namespace: of,
    names: async () => {
      const list = (): Promise<unknown> => api.custom.listNamespacedCustomObject(lifecyclesTarget(api));
      const answer = await api.call('list lifecycles', list);
      return listSchema.parse(answer).items.map(({ metadata }) => metadata.name);
    },
    get: async (name) => {
      try {
        const get = (): Promise<unknown> => api.custom.getNamespacedCustomObject(lifecycleTarget(api, name));
        return await api.call(`get lifecycle ${name}`, get);
      } catch (error) {
        if (error instanceof ApiError && error.status === 404)
          throw new LifecycleError('no-lifecycle', `${of} has no Lifecycle ${name}`);
        throw error;
      }
    },
    databaseHost: async (cluster) => {
      const labelSelector = `${OPERATOR_LABEL.cluster}=${cluster},${OPERATOR_LABEL.role}=master`;
      const list = () => api.core.listNamespacedPod({ namespace: of, labelSelector });
      const [pod] = (await api.call('list pods', list)).items;
      const name = pod?.metadata?.name;
      if (name === undefined) throw new LifecycleError('not-in-time', `${cluster} has no primary at the moment`);
      return podHost(config, of, name);
    },
  };
}
