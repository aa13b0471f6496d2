import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { STATE } from '../paths.ts';
import { NODE_IP } from './network.ts';

export const CERTS = join(STATE, 'certs');
export const NODE_NAME = 'lab-node';
const API_SERVER = `https://${NODE_IP}:6443`;

/** Users of the lab's static token file: [kubeconfig name, user, groups]. */
const USERS = [
  ['admin', 'admin', 'system:masters'],
  ['node', `system:node:${NODE_NAME}`, 'system:nodes'],
  ['proxy', 'system:kube-proxy', ''],
  ['scheduler', 'system:kube-scheduler', ''],
  ['controller-manager', 'system:kube-controller-manager', ''],
  ['dns', 'lab:dns', ''],
  ['provisioner', 'lab:provisioner', ''],
  ['operator', 'lab:operator', 'system:masters'],
  ['argocd', 'lab:argocd', 'system:masters'],
] as const;

const SERVER_NAMES = [
  ...[NODE_IP, '127.0.0.1', '10.97.0.1'].map((ip) => `IP:${ip}`),
  ...[
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
    'localhost',
  ].map((name) => `DNS:${name}`),
].join(',');

const openssl = (...args: string[]): Promise<unknown> => execa('openssl', args, { cwd: CERTS });

async function sign(name: string, subject: string, names: string): Promise<void> {
  await openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', `${name}.key`);
  await openssl('req', '-new', '-key', `${name}.key`, '-subj', subject, '-out', `${name}.csr`);
  writeFileSync(join(CERTS, `${name}.ext`), names === '' ? '' : `subjectAltName=${names}\n`);
  const ca = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '3650'];
  await openssl('x509', '-req', '-in', `${name}.csr`, ...ca, '-out', `${name}.crt`, '-extfile', `${name}.ext`);
}

/** Certificates, the token file and a kubeconfig a user; kept between runs. */
export async function createCertificates(): Promise<void> {
  if (existsSync(join(CERTS, 'complete'))) return;
  mkdirSync(CERTS, { recursive: true, mode: 0o700 });
  await openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'ca.key');
  await openssl('req', '-x509', '-new', '-key', 'ca.key', '-subj', '/CN=lab-ca', '-days', '3650', '-out', 'ca.crt');
  await sign('api', '/CN=kube-apiserver', SERVER_NAMES);
  await sign('kubelet', `/CN=${NODE_NAME}`, `IP:${NODE_IP},DNS:${NODE_NAME}`);
  await sign('api-kubelet', '/O=system:masters/CN=apiserver', '');
  await openssl('genrsa', '-out', 'sa.key', '2048');
  await openssl('rsa', '-in', 'sa.key', '-pubout', '-out', 'sa.pub');
  writeFileSync(
    join(CERTS, 'tokens.csv'),
    USERS.map(([name, user, groups]) => `${name}-token,${user},${name},"${groups}"\n`).join(''),
  );
  for (const [name] of USERS) writeFileSync(join(CERTS, `${name}.kubeconfig`), kubeconfig(name));
  writeFileSync(join(CERTS, 'complete'), '');
}

const kubeconfig = (user: string): string => `apiVersion: v1
kind: Config
clusters: [{name: lab, cluster: {server: "${API_SERVER}", certificate-authority: ${CERTS}/ca.crt}}]
users: [{name: ${user}, user: {token: ${user}-token}}]
contexts: [{name: lab, context: {cluster: lab, user: ${user}}}]
current-context: lab
`;
