import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parse as parseYaml, stringify } from 'yaml';
import { apply, getObject, kubectl } from '../kubectl.ts';
import { PROJECT, STATE } from '../paths.ts';
import { waitFor } from '../wait-for.ts';
import { ARGOCD } from './application.ts';
import { kustomize } from './kustomize.ts';
import { PLUGIN_VERSION } from './plugin.ts';

const EXAMPLE = 'argocd/examples/generator';

/** The example's own Secrets, by their files. */
export type GeneratorSecrets = Readonly<
  Record<'token' | 'page-token' | 'git-password' | 'scm-token' | 'webhook-secret' | 'approval-key.json', string>
>;

interface Kustomization {
  readonly resources: readonly string[];
  readonly images: readonly { readonly name: string }[];
  readonly [field: string]: unknown;
}

const CA = '/etc/lifecycle-generator-ca/ca.crt';
const TRUST = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'lifecycle-generator' },
  spec: {
    template: {
      spec: {
        containers: [
          {
            name: 'generator',
            env: [
              { name: 'NODE_EXTRA_CA_CERTS', value: CA },
              { name: 'GIT_SSL_CAINFO', value: CA },
            ],
            volumeMounts: [{ name: 'ca', mountPath: '/etc/lifecycle-generator-ca', readOnly: true }],
          },
        ],
        volumes: [{ name: 'ca', configMap: { name: 'lifecycle-generator-ca' } }],
      },
    },
  },
};

/**
 * argocd/examples/generator with a configuration and Secrets of its own, without its project and ApplicationSet; waits until both replicas are
 * ready.
 * @param authority the CA of the source host, PEM
 * @returns the address of its Service, which has a name for pods only
 */
export async function deployGenerator(config: unknown, secrets: GeneratorSecrets, authority: string): Promise<string> {
  const folder = mkdtempSync(join(STATE, 'generator-'));
  try {
    const example = parseYaml(readFileSync(join(PROJECT, EXAMPLE, 'kustomization.yaml'), 'utf8')) as Kustomization;
    mkdirSync(join(folder, 'secrets'));
    for (const [name, value] of Object.entries(secrets)) writeFileSync(join(folder, 'secrets', name), value);
    writeFileSync(join(folder, 'config.yaml'), stringify(config));
    writeFileSync(join(folder, 'trust.yaml'), stringify(TRUST));
    writeFileSync(join(folder, 'ca.crt'), authority);
    const overlay = {
      ...example,
      resources: [relative(folder, join(PROJECT, 'argocd/generator'))],
      configMapGenerator: [
        { name: 'lifecycle-generator-config', behavior: 'replace', files: ['config.yaml'] },
        { name: 'lifecycle-generator-ca', files: ['ca.crt'] },
      ],
      // A source host with a CA of one's own (docs/how-to/generator.md).
      patches: [{ path: 'trust.yaml', target: { kind: 'Deployment', name: 'lifecycle-generator' } }],
      images: example.images.map(({ name }) => ({
        name,
        newName: 'localhost/lifecycle-plugin',
        newTag: PLUGIN_VERSION,
      })),
    };
    writeFileSync(join(folder, 'kustomization.yaml'), stringify(overlay));
    const objects = (await kustomize(folder)).map((object) => JSON.stringify(object)).join('\n---\n');
    await kubectl(['apply', '--server-side', '--force-conflicts', '-n', ARGOCD, '-f', '-'], objects);
  } finally {
    rmSync(folder, { recursive: true });
  }
  await generatorReady();
  const service = await getObject<{ spec: { clusterIP: string } }>('service', 'lifecycle-generator', ARGOCD);
  const address = `http://${service?.spec.clusterIP ?? ''}:8080`;
  // The ApplicationSet controller runs beside the node, where names of Services mean nothing.
  const patch = JSON.stringify({ data: { baseUrl: address } });
  await kubectl(['patch', 'configmap', 'lifecycle-generator', '-n', ARGOCD, '--type', 'merge', '-p', patch]);
  return address;
}

/** Until both replicas serve. */
export async function generatorReady(): Promise<void> {
  await waitFor(() => kubectl(['rollout', 'status', 'deployment/lifecycle-generator', '-n', ARGOCD, '--timeout=10s']), {
    what: 'the generator is ready',
    timeoutSeconds: 180,
  });
}

interface ApplicationSet {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly generators: readonly [{ readonly plugin: { readonly input: { readonly parameters: object } } }];
    readonly template: { readonly spec: { readonly source: { readonly plugin: object } } };
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** The example's ApplicationSet for another repository, asked for every few seconds, as a webhook of Argo CD would. */
export async function applyApplicationSet(repoURL: string): Promise<void> {
  const text = readFileSync(join(PROJECT, EXAMPLE, 'applicationset.yaml'), 'utf8');
  const set = parseYaml(text) as ApplicationSet;
  const [{ plugin }] = set.spec.generators;
  const parameters = { ...plugin.input.parameters, repoURL, values: { project: 'default' } };
  const generators = [{ plugin: { ...plugin, requeueAfterSeconds: 5, input: { parameters } } }];
  await apply([{ ...set, metadata: { ...set.metadata, namespace: ARGOCD }, spec: { ...set.spec, generators } }]);
}

/** Conditions of the ApplicationSet as its controller reports them: `type status: message`. */
export async function applicationSetConditions(): Promise<readonly string[]> {
  const set = await getObject<{
    status?: { conditions?: readonly { type: string; status: string; message: string }[] };
  }>('applicationset', 'lifecycles', ARGOCD);
  return (set?.status?.conditions ?? []).map(({ type, status, message }) => `${type} ${status}: ${message}`);
}
