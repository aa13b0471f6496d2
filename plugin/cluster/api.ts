import {
  AppsV1Api,
  BatchV1Api,
  CoreV1Api,
  createConfiguration,
  CustomObjectsApi,
  DiscoveryV1Api,
  KubeConfig,
  ServerConfiguration,
  type Middleware,
  type RequestContext,
} from '@kubernetes/client-node';
import pRetry from 'p-retry';
import { ApiError, apiError } from './api-error.ts';

/** The API groups that steps use, and how a request is made. */
export interface Api {
  readonly namespace: string;
  readonly apps: AppsV1Api;
  readonly batch: BatchV1Api;
  readonly core: CoreV1Api;
  readonly custom: CustomObjectsApi;
  readonly discovery: DiscoveryV1Api;
  /** Makes one request, again only where it was not looked at; `what` names it in an error: `get service bestie`. */
  once<T>(what: string, request: () => Promise<T>): Promise<T>;
  /** The same, again within bounds while the failure is transient: only for requests that may be repeated. */
  call<T>(what: string, request: () => Promise<T>): Promise<T>;
}

export interface ApiOptions {
  readonly namespace: string;
  /** A request that takes longer counts as not answered. */
  readonly timeoutMilliseconds?: number;
  /** How long transient failures are borne with. */
  readonly patienceMilliseconds?: number;
}

/** Twice what an API server takes after its start until its policies know their parameters. */
const SETTLING_MILLISECONDS = 60_000;

/** In a pod its service account; with KUBECONFIG set, that. */
export function kubeConfig(env: Readonly<Record<string, string | undefined>>): KubeConfig {
  const config = new KubeConfig();
  if (env['KUBECONFIG'] === undefined) config.loadFromCluster();
  else config.loadFromFile(env['KUBECONFIG']);
  return config;
}

export function createApi(
  config: KubeConfig,
  { namespace, timeoutMilliseconds = 15_000, patienceMilliseconds = 30_000 }: ApiOptions,
): Api {
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new ApiError('read the cluster configuration', undefined, 'it names no cluster');
  const configuration = createConfiguration({
    baseServer: new ServerConfiguration(cluster.server, {}),
    authMethods: { default: config },
    promiseMiddleware: [transport(timeoutMilliseconds)],
  });
  const once: Api['once'] = (what, request) =>
    pRetry(() => request().catch((error: unknown) => Promise.reject(apiError(what, error))), {
      retries: SETTLING_MILLISECONDS / 1000,
      minTimeout: 200,
      maxTimeout: 2000,
      maxRetryTime: SETTLING_MILLISECONDS,
      shouldRetry: ({ error }) => error instanceof ApiError && error.unsettled,
    });
  return {
    namespace,
    apps: new AppsV1Api(configuration),
    batch: new BatchV1Api(configuration),
    core: new CoreV1Api(configuration),
    custom: new CustomObjectsApi(configuration),
    discovery: new DiscoveryV1Api(configuration),
    once,
    call: (what, request) =>
      pRetry(() => once(what, request), {
        retries: 20,
        minTimeout: 200,
        maxTimeout: 3000,
        randomize: true,
        maxRetryTime: patienceMilliseconds,
        shouldRetry: ({ error }) => error instanceof ApiError && error.transient,
      }),
  };
}

/**
 * The client has no time limit of its own: a connection that hangs would hold a step up to its Job's deadline. And it
 * makes a new connection pool, so a TLS handshake, for every request: the first pool serves them all.
 */
function transport(timeoutMilliseconds: number): Middleware {
  let pool: ReturnType<RequestContext['getDispatcher']>;
  return {
    pre: (request) => {
      pool ??= request.getDispatcher();
      if (pool) request.setDispatcher(pool);
      request.setSignal(AbortSignal.timeout(timeoutMilliseconds));
      return Promise.resolve(request);
    },
    post: (response) => Promise.resolve(response),
  };
}
