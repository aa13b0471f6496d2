import { KubeConfig } from '@kubernetes/client-node';

/**
 * The configuration that KUBECONFIG names. client-node 2.0.1 makes a pool of connections for every single request as
 * soon as it is told of a certificate authority; without one it shares undici's. So NODE_EXTRA_CA_CERTS has to name
 * the authority, and what the file says of it is left out.
 */
export function loadKubeConfig(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromDefault();
  if (process.env['NODE_EXTRA_CA_CERTS'] === undefined) return config;
  config.clusters = config.clusters.map(({ name, server, skipTLSVerify }) => ({ name, server, skipTLSVerify }));
  return config;
}
