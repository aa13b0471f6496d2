import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Binaries } from '../build/binaries.ts';
import { RUN, STATE } from '../paths.ts';
import { startProcess, stopProcess } from '../process.ts';
import { ARGOCD } from './application.ts';
import { CLUSTER, approvalKeys } from './approval-keys.ts';
import { pluginConfigFolder } from './plugin.ts';
import { LIFECYCLE, buildDist } from './plugin-image.ts';

const HOME = join(RUN, 'argocd');
const SOCKETS = join(HOME, 'sockets');
const REDIS = '127.0.0.1:6379';
const REPO_SERVER = '127.0.0.1:8081';

function environment(binaries: Binaries, component: string): Record<string, string> {
  return {
    ARGOCD_BINARY_NAME: component,
    // Maps the in-cluster address to KUBECONFIG.
    ARGOCD_FAKE_IN_CLUSTER: 'true',
    KUBECONFIG: join(STATE, 'certs/argocd.kubeconfig'),
    ARGOCD_GPG_ENABLED: 'false',
    ARGOCD_TLS_DATA_PATH: join(HOME, 'tls'),
    ARGOCD_SSH_DATA_PATH: join(HOME, 'ssh'),
    ARGOCD_PLUGINSOCKFILEPATH: SOCKETS,
    HOME,
    // The repo-server calls its wrapper scripts by name.
    PATH: `${binaries.argocdModule}:${process.env['PATH'] ?? ''}`,
  };
}

export function startRedis(): void {
  startProcess({
    name: 'redis',
    command: 'redis-server',
    args: ['--bind', '127.0.0.1', '--port', '6379', '--save', '', '--appendonly', 'no'],
  });
}

export function startRepoServer(binaries: Binaries): void {
  for (const folder of ['tls', 'ssh', 'sockets']) mkdirSync(join(HOME, folder), { recursive: true });
  startProcess({
    name: 'argocd-repo-server',
    command: binaries.path('argocd'),
    args: [
      ...['--address', '127.0.0.1', '--port', '8081', '--metrics-address', '127.0.0.1', '--redis', REDIS],
      // Without TLS there is no CA either; its default path does not exist here.
      ...['--disable-tls', '--client-ca-path', '', '--revision-cache-expiration', '10s'],
    ],
    env: environment(binaries, 'argocd-repo-server'),
  });
}

const cmpServer = (version: string): string => `argocd-cmp-server-${version}`;

export const stopPlugin = (version: string): Promise<void> => stopProcess(cmpServer(version));

/** The real cmp-server with the project's plugin.yaml and bundle; another version runs beside it. */
export async function startPlugin(binaries: Binaries, version: string): Promise<void> {
  const name = cmpServer(version);
  // One that runs already may have an older bundle.
  await stopPlugin(version);
  const bin = join(HOME, `bin-${version}`);
  mkdirSync(bin, { recursive: true });
  const dist = await buildDist();
  const [start, ...program] = LIFECYCLE;
  copyFileSync(join(dist, start), join(bin, 'lifecycle'));
  for (const file of program) copyFileSync(join(dist, file), join(bin, file));
  const env = environment(binaries, 'argocd-cmp-server');
  startProcess({
    name,
    command: binaries.path('argocd'),
    args: ['--config-dir-path', pluginConfigFolder(version)],
    env: {
      ...env,
      PATH: `${bin}:${dirname(process.execPath)}:${env['PATH'] ?? ''}`,
      ARGOCD_CMP_WORKDIR: join(HOME, `work-${version}`),
      LIFECYCLE_STEP_IMAGE: `localhost/lifecycle-plugin:${version}`,
      LIFECYCLE_APPROVAL_KEYS: await approvalKeys(),
      LIFECYCLE_CLUSTER: CLUSTER,
    },
  });
}

export const CONTROLLER = 'argocd-application-controller';

export function startController(binaries: Binaries): void {
  startProcess({
    name: CONTROLLER,
    command: binaries.path('argocd'),
    args: [
      ...['--namespace', ARGOCD, '--redis', REDIS, '--repo-server', REPO_SERVER, '--repo-server-plaintext'],
      ...['--app-resync', '10', '--metrics-port', '8082'],
      // What the UI shows of a resource's health, in the Application's status too.
      '--persist-resource-health',
    ],
    env: environment(binaries, CONTROLLER),
  });
}

/** Lets the repo-server trust a host of repositories by its CA: what the ConfigMap argocd-tls-certs-cm mounts. */
export function trustRepositoryHost(host: string, authority: string): void {
  writeFileSync(join(HOME, 'tls', host), authority);
}

export const APPLICATION_SETS = 'argocd-applicationset-controller';

/** Besides what `up` starts: only the generator's tests have ApplicationSets. */
export function startApplicationSetController(binaries: Binaries): void {
  startProcess({
    name: APPLICATION_SETS,
    command: binaries.path('argocd'),
    args: [
      ...['--namespace', ARGOCD, '--argocd-repo-server', REPO_SERVER, '--repo-server-plaintext'],
      ...['--metrics-addr', '127.0.0.1:12345', '--probe-addr', '127.0.0.1:12346', '--webhook-addr', '127.0.0.1:7001'],
    ],
    env: environment(binaries, APPLICATION_SETS),
  });
}
