import { Api, describeError } from './edge/api.ts';
import { loadKubeConfig } from './edge/kube-config.ts';
import { Queue } from './edge/queue.ts';
import { Reconciler } from './edge/reconcile.ts';
import { watchClusters } from './edge/watch.ts';

/** The stand-in's process: KUBECONFIG says which API server, NODE_EXTRA_CA_CERTS whom to trust. */
const RETRY_MILLISECONDS = 2_000;

const config = loadKubeConfig();
const reconciler = new Reconciler(new Api(config));

const queue = new Queue(async (key) => {
  const [namespace = '', name = ''] = key.split('/');
  try {
    return await reconciler.reconcile(namespace, name);
  } catch (error) {
    process.stderr.write(`${key}: ${describeError(error)}\n`);
    return RETRY_MILLISECONDS;
  }
});

await watchClusters(config, (namespace, cluster) => {
  queue.add(`${namespace}/${cluster}`);
});
process.stderr.write('watching\n');
