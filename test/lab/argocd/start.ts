import { join } from 'node:path';
import type { Binaries } from '../build/binaries.ts';
import { apply, kubectl, waitForCrd } from '../kubectl.ts';
import { ARGOCD } from './application.ts';
import { kustomizeBase, kustomizeInstallation, type Manifest } from './kustomize.ts';
import { PLUGIN_VERSION } from './plugin.ts';
import { startController, startPlugin, startRedis, startRepoServer } from './processes.ts';

const PART_OF = { 'app.kubernetes.io/part-of': 'argocd' };

/** What the stock installation creates besides its Deployments, as far as it matters here. */
function settings(healthChecks: Readonly<Record<string, string>>): readonly unknown[] {
  const labelled = (name: string): object => ({ name, namespace: ARGOCD, labels: PART_OF });
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: labelled('argocd-cm'),
      data: { 'timeout.reconciliation': '10s', 'application.resourceTrackingMethod': 'annotation', ...healthChecks },
    },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: labelled('argocd-secret'),
      stringData: { 'server.secretkey': 'a secret of the lab only' },
    },
    {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AppProject',
      metadata: { name: 'default', namespace: ARGOCD },
      spec: {
        sourceRepos: ['*'],
        destinations: [{ server: '*', namespace: '*' }],
        clusterResourceWhitelist: [{ group: '*', kind: '*' }],
      },
    },
  ];
}

/** The project's own health checks, out of what kustomize makes of argocd/. */
function healthChecks(objects: readonly Manifest[]): Record<string, string> {
  const config = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'argocd-cm');
  if (!config) throw new Error('the installation has no argocd-cm');
  return config['data'] as Record<string, string>;
}

/** Starts Redis, repo-server, cmp-server and application controller, with the project's own base applied. */
export async function startArgoCd(binaries: Binaries): Promise<void> {
  await kubectl(['apply', '--server-side', '--force-conflicts', '-k', join(binaries.argocdModule, 'manifests/crds')]);
  await apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: ARGOCD } }]);
  for (const name of ['applications', 'appprojects']) await waitForCrd(`${name}.argoproj.io`);
  const installation = await kustomizeInstallation(
    join(binaries.argocdModule, 'manifests'),
    `localhost/lifecycle-plugin:${PLUGIN_VERSION}`,
  );
  await apply(settings(healthChecks(installation)));
  const base = (await kustomizeBase()).map((object) => JSON.stringify(object)).join('\n---\n');
  await kubectl(['apply', '--server-side', '--force-conflicts', '-n', ARGOCD, '-f', '-'], base);
  startRedis();
  startRepoServer(binaries);
  await startPlugin(binaries, PLUGIN_VERSION);
  startController(binaries);
}
