import { mkdirSync, writeFileSync } from 'node:fs';
import type { Binaries } from '../build/binaries.ts';
import { apply } from '../kubectl.ts';
import { execInNetwork, NODE_IP } from '../node/network.ts';
import { createAuthority, sign } from '../operator/edge/certificates.ts';
import { pidOf, startProcess } from '../process.ts';
import { waitFor } from '../wait-for.ts';
import { BUCKETS, ENDPOINT, file, LOGIN, REGION } from './place.ts';

const PORT = 7443;
const [SERVICE = '', NAMESPACE = ''] = ENDPOINT.split('.');

/** The service runs beside the node; in the cluster it has a name, which its certificate is for. */
const OBJECTS = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: SERVICE, namespace: NAMESPACE },
    spec: { ports: [{ name: 's3', port: 443, targetPort: PORT }] },
  },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: SERVICE, namespace: NAMESPACE, labels: { 'kubernetes.io/service-name': SERVICE } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [NODE_IP], conditions: { ready: true } }],
    ports: [{ name: 's3', port: PORT, protocol: 'TCP' }],
  },
];

async function createCertificates(): Promise<void> {
  const authority = await createAuthority('lab-s3-ca');
  const server = await sign(authority, ENDPOINT, [ENDPOINT]);
  writeFileSync(file('ca.crt'), authority.certificate);
  writeFileSync(file('server.crt'), server.certificate);
  writeFileSync(file('server.key'), server.key, { mode: 0o600 });
}

/** Starts an S3 service over TLS for the pods' backups, unless it runs; returns when it answers. */
export async function startS3({ path }: Binaries): Promise<void> {
  if (pidOf('s3') !== undefined) return;
  mkdirSync(BUCKETS, { recursive: true });
  await createCertificates();
  startProcess({
    name: 's3',
    command: path('versitygw'),
    args: [
      ...['--port', `${NODE_IP}:${PORT}`, '--cert', file('server.crt'), '--key', file('server.key')],
      ...['--region', REGION, '--quiet', 'posix', BUCKETS],
    ],
    env: { ROOT_ACCESS_KEY: LOGIN.key, ROOT_SECRET_KEY: LOGIN.secret },
  });
  await apply(OBJECTS);
  const address = ['--resolve', `${ENDPOINT}:${PORT}:${NODE_IP}`, `https://${ENDPOINT}:${PORT}/`];
  await waitFor(
    () => execInNetwork('curl', ['-s', '-o', '/dev/null', '-w', 'up', '--cacert', file('ca.crt'), ...address]),
    {
      what: 'S3 answers',
      timeoutSeconds: 20,
    },
  );
}
