import type { V1Secret } from '@kubernetes/client-node';
import type { Manifest } from './kinds.ts';
import { certificateSecret, haService, podsService, primaryService, replicationSecret } from '../objects/names.ts';
import { owned } from '../objects/owned.ts';
import type { KeyPair } from './certificates.ts';
import { createAuthority, sign } from './certificates.ts';
import type { Scope } from './scope.ts';
import { secretText } from './secret.ts';

const ROOT = 'pgo-root-cacert';

/** One authority a namespace, and the cluster's certificates of it; what is there already stays. */
export async function ensureCertificates({ api, cluster, memory }: Scope): Promise<void> {
  const { name, namespace } = cluster.metadata;
  const wanted = [certificateSecret(name), replicationSecret(name)];
  if (wanted.every((secret) => memory.applied.has(secret))) return;
  const authority = await ensureAuthority({ api, cluster, memory });
  const make = async (secret: string, commonName: string, names: readonly string[]): Promise<void> => {
    if ((await api.read<V1Secret>('Secret', namespace, secret)) === undefined) {
      const { certificate, key } = await sign(authority, commonName, names);
      const stringData = { 'ca.crt': authority.certificate, 'tls.crt': certificate, 'tls.key': key };
      await api.create(namespace, owned(cluster, { kind: 'Secret', metadata: { name: secret }, stringData }));
    }
    memory.applied.set(secret, 'there');
  };
  await make(certificateSecret(name), primaryService(name), serverNames(name, namespace));
  await make(replicationSecret(name), '_crunchyrepl', []);
}

/** Another cluster of the namespace may make it at the same time: the one that was made counts. */
async function ensureAuthority({ api, cluster }: Scope): Promise<KeyPair> {
  const { namespace } = cluster.metadata;
  const read = async (): Promise<KeyPair | undefined> => {
    const secret = await api.read<V1Secret>('Secret', namespace, ROOT);
    if (secret === undefined) return undefined;
    const { 'root.crt': certificate = '', 'root.key': key = '' } = secretText(secret);
    return { certificate, key };
  };
  const known = await read();
  if (known !== undefined) return known;
  const made = await createAuthority();
  const stringData = { 'root.crt': made.certificate, 'root.key': made.key };
  const manifest: Manifest = { kind: 'Secret', metadata: { name: ROOT }, stringData };
  await api.create(namespace, manifest);
  return (await read()) ?? made;
}

function serverNames(cluster: string, namespace: string): readonly string[] {
  const services = [primaryService(cluster), haService(cluster), `${cluster}-replicas`, `*.${podsService(cluster)}`];
  const suffixes = ['', `.${namespace}`, `.${namespace}.svc`, `.${namespace}.svc.cluster.local`];
  return [...services.flatMap((service) => suffixes.map((suffix) => `${service}${suffix}`)), 'localhost'];
}
