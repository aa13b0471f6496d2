import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Binaries } from '../build/binaries.ts';
import { importImages } from '../build/import.ts';
import type { Image } from '../build/images.ts';
import { CONTAINERD_SOCKET, KUBECONFIG, RUN, STATE } from '../paths.ts';
import { inNetwork, pidOf, startProcess } from '../process.ts';
import { say } from '../progress.ts';
import { waitFor } from '../wait-for.ts';
import { CERTS, NODE_NAME, createCertificates } from './certificates.ts';
import { CGROUP_ROOT, writeConfigs } from './config.ts';
import { NODE_IP, SERVICE_CIDR, createNetwork, execInNetwork } from './network.ts';

const config = (name: string): string => join(CERTS, `${name}.kubeconfig`);

export const API_SERVER = 'kube-apiserver';

/** Unless they run. */
export function startControlPlane({ path }: Binaries): void {
  const peer = 'http://127.0.0.1:2380';
  const client = 'http://127.0.0.1:2379';
  startProcess({
    name: 'etcd',
    command: path('etcd'),
    args: [
      ...['--data-dir', `${RUN}/etcd`, '--listen-client-urls', client, '--advertise-client-urls', client],
      ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`],
      ...['--unsafe-no-fsync', '--log-level', 'warn'],
    ],
  });
  startProcess({
    name: API_SERVER,
    command: path('kube-apiserver'),
    args: [
      // Loopback would leave the `kubernetes` Service without endpoints.
      ...['--etcd-servers', client, '--bind-address', NODE_IP, '--advertise-address', NODE_IP, '--secure-port', '6443'],
      ...['--tls-cert-file', `${CERTS}/api.crt`, '--tls-private-key-file', `${CERTS}/api.key`],
      ...['--client-ca-file', `${CERTS}/ca.crt`, '--kubelet-certificate-authority', `${CERTS}/ca.crt`],
      ...[
        '--kubelet-client-certificate',
        `${CERTS}/api-kubelet.crt`,
        '--kubelet-client-key',
        `${CERTS}/api-kubelet.key`,
      ],
      ...['--kubelet-preferred-address-types', 'InternalIP', '--token-auth-file', `${CERTS}/tokens.csv`],
      ...['--service-account-issuer', 'https://kubernetes.default.svc.cluster.local'],
      ...['--service-account-key-file', `${CERTS}/sa.pub`, '--service-account-signing-key-file', `${CERTS}/sa.key`],
      ...['--authorization-mode', 'Node,RBAC', '--service-cluster-ip-range', SERVICE_CIDR, '--allow-privileged'],
    ],
  });
}

function startControllers({ path }: Binaries): void {
  const own = (name: string): string[] => [
    ...[
      '--kubeconfig',
      config(name),
      '--authentication-kubeconfig',
      config(name),
      '--authorization-kubeconfig',
      config(name),
    ],
    ...['--leader-elect=false', '--cert-dir', `${RUN}/kcm`],
  ];
  startProcess({
    name: 'kube-controller-manager',
    command: path('kube-controller-manager'),
    args: [
      ...own('controller-manager'),
      ...['--service-account-private-key-file', `${CERTS}/sa.key`, '--root-ca-file', `${CERTS}/ca.crt`],
      ...['--cluster-signing-cert-file', `${CERTS}/ca.crt`, '--cluster-signing-key-file', `${CERTS}/ca.key`],
      ...['--use-service-account-credentials'],
    ],
  });
  startProcess({ name: 'kube-scheduler', command: path('kube-scheduler'), args: own('scheduler') });
}

function startNode({ path }: Binaries): void {
  startProcess({
    name: 'kubelet',
    command: path('kubelet'),
    args: [
      ...['--config', `${RUN}/kubelet.json`, '--kubeconfig', config('node'), '--root-dir', `${RUN}/kubelet`],
      ...['--cert-dir', `${RUN}/kubelet/pki`, '--hostname-override', NODE_NAME, '--node-ip', NODE_IP, '--v', '1'],
    ],
  });
  startProcess({ name: 'kube-proxy', command: path('kube-proxy'), args: ['--config', `${RUN}/proxy.json`] });
  startProcess({ name: 'coredns', command: path('coredns'), args: ['-conf', `${RUN}/Corefile`] });
  startProcess({
    name: 'provisioner',
    command: path('provisioner'),
    args: ['--kubeconfig', config('provisioner'), '--dir', join(STATE, 'volumes'), '--node', NODE_NAME],
  });
}

/** The kubelet's cgroup root must be there in every hierarchy before it starts. */
async function createCgroups(): Promise<void> {
  const { stdout } = await execa('findmnt', ['-rno', 'TARGET,FSTYPE', '-t', 'cgroup,cgroup2']);
  for (const line of stdout.split('\n')) {
    const [target = ''] = line.split(' ');
    if (target !== '') mkdirSync(join(target, CGROUP_ROOT), { recursive: true });
  }
}

/** Starts the node; returns when it is Ready and DNS answers. */
export async function nodeUp(binaries: Binaries, images: readonly Image[]): Promise<void> {
  if (pidOf('kubelet') !== undefined) return;
  await createNetwork();
  await createCertificates();
  await createCgroups();
  writeConfigs();
  startControlPlane(binaries);
  startProcess({ name: 'containerd', command: 'containerd', args: ['--config', `${RUN}/containerd.toml`] });
  await waitFor(() => execInNetwork('ctr', ['-a', CONTAINERD_SOCKET, 'version']), {
    what: 'containerd',
    timeoutSeconds: 20,
  });
  await importImages(images);
  const kubectl = (...args: string[]): Promise<string> =>
    execInNetwork(binaries.path('kubectl'), ['--kubeconfig', KUBECONFIG, ...args]);
  await waitFor(() => kubectl('get', '--raw', '/readyz'), { what: 'API server ready', timeoutSeconds: 60 });
  say('API server ready');
  startControllers(binaries);
  startNode(binaries);
  await kubectl('apply', '--server-side', '-f', join(import.meta.dirname, 'manifests.yaml'));
  const ready = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';
  await waitFor(async () => (await kubectl('get', 'node', NODE_NAME, '-o', ready)) === 'True', {
    what: 'node Ready',
    timeoutSeconds: 60,
  });
  const [file, argv] = inNetwork('curl', ['-sf', `http://${NODE_IP}:8181/ready`]);
  await waitFor(async () => (await execa(file, argv)).exitCode === 0, { what: 'DNS ready', timeoutSeconds: 30 });
  say('node Ready');
}
