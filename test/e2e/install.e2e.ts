import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { kustomize, kustomizeInstallation, type Manifest } from '../lab/argocd/kustomize.ts';
import { binaries } from '../lab/build/binaries.ts';

/** The overlay of docs/how-to/install.md over Argo CD's own stock manifests, as kustomize builds it. */
const IMAGE = 'registry.example.com/lifecycle-plugin:v9.9.9';

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly securityContext?: object;
}

interface PodTemplate {
  readonly template: {
    readonly spec: {
      readonly containers: readonly Container[];
      readonly volumes: readonly { readonly name: string }[];
    };
  };
}

let stock: readonly Manifest[];
let installed: readonly Manifest[];

const named = (objects: readonly Manifest[], kind: string, name: string): Manifest => {
  const found = objects.find((each) => each.kind === kind && each.metadata.name === name);
  if (!found) throw new Error(`${kind} ${name} is not there`);
  return found;
};

const key = ({ kind, metadata }: Manifest): string => `${kind}/${metadata.name}`;

beforeAll(async () => {
  const { argocdModule } = await binaries();
  const manifests = join(argocdModule, 'manifests');
  stock = await kustomize(join(manifests, 'cluster-install'));
  installed = await kustomizeInstallation(manifests, IMAGE);
}, 60_000);

/** Each with a binding of its name: a policy without one refuses nothing. */
const POLICIES = [
  'lifecycle-break-glass',
  'lifecycle-clone',
  'lifecycle-empty',
  'lifecycle-endpoints',
  'lifecycle-green',
  'lifecycle-keep-database',
  'lifecycle-keep-database-record',
  'lifecycle-keep-definitions',
  'lifecycle-keep-ledger',
  'lifecycle-keep-namespace',
  'lifecycle-keep-volumes',
  'lifecycle-ledger',
  'lifecycle-repository',
  'lifecycle-restore',
  'lifecycle-restored',
  'lifecycle-traffic',
  'lifecycle-traffic-deletion',
  'lifecycle-version',
];

describe('an installation over the stock manifests', () => {
  it('keeps every object of Argo CD and adds the base', () => {
    const names = installed.map(key);
    expect(names).toEqual(expect.arrayContaining(stock.map(key)));
    expect(names.filter((name) => !stock.map(key).includes(name)).sort()).toEqual([
      'ClusterRole/lifecycle-break-glass',
      'ClusterRole/lifecycle-deployer',
      'ClusterRole/lifecycle-view',
      'ConfigMap/lifecycle-plugin',
      'CustomResourceDefinition/lifecycles.lifecycle.bestie.com',
      ...POLICIES.map((name) => `ValidatingAdmissionPolicy/${name}`),
      ...POLICIES.map((name) => `ValidatingAdmissionPolicyBinding/${name}`),
    ]);
  });

  it('gives the repo-server one more container, with everything that it mounts', () => {
    const spec = (named(installed, 'Deployment', 'argocd-repo-server')['spec'] as PodTemplate).template.spec;
    const before = (named(stock, 'Deployment', 'argocd-repo-server')['spec'] as PodTemplate).template.spec;
    const sidecar = spec.containers.find(({ name }) => name === 'lifecycle');
    expect(spec.containers.map(({ name }) => name).sort()).toEqual(
      [...before.containers.map(({ name }) => name), 'lifecycle'].sort(),
    );
    const volumes = spec.volumes.map(({ name }) => name);
    expect(volumes).toEqual(expect.arrayContaining((sidecar?.volumeMounts ?? []).map(({ name }) => name)));
    expect(sidecar).toMatchObject({
      command: ['/var/run/argocd/argocd-cmp-server'],
      securityContext: { runAsNonRoot: true, runAsUser: 999, readOnlyRootFilesystem: true },
    });
  });

  it('runs the steps from the sidecar’s own image', () => {
    const { containers } = (named(installed, 'Deployment', 'argocd-repo-server')['spec'] as PodTemplate).template.spec;
    const sidecar = containers.find(({ name }) => name === 'lifecycle');
    expect(sidecar?.image).toBe(IMAGE);
    expect(sidecar?.env).toContainEqual({ name: 'LIFECYCLE_STEP_IMAGE', value: IMAGE });
  });

  it('adds the health checks to argocd-cm and takes nothing from it', () => {
    const before = named(stock, 'ConfigMap', 'argocd-cm')['data'] as Readonly<Record<string, string>>;
    const after = named(installed, 'ConfigMap', 'argocd-cm')['data'] as Readonly<Record<string, string>>;
    expect(after).toMatchObject(before);
    expect(
      Object.keys(after)
        .filter((each) => !(each in before))
        .sort(),
    ).toEqual([
      'resource.customizations.health.lifecycle.bestie.com_Lifecycle',
      'resource.customizations.health.networking.k8s.io_Ingress',
      'resource.customizations.health.pets.bestie.com_Bestie',
      'resource.customizations.health.postgres-operator.crunchydata.com_PostgresCluster',
    ]);
  });
});
