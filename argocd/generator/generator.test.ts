import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { configSchema } from '../../generators/config/schema.ts';
import { buildGeneratorProgram, DEFAULTS, type GeneratorOptions } from '../../generators/program.ts';
import { readCall } from '../../generators/server/asked.ts';
import { parameterSet } from '../../generators/server/testing/world.ts';
import { PARAMETERS } from '../../plugin/commands/parameters.ts';
import { VERSION } from '../../plugin/commands/version.ts';

/** What argocd/generator and its example promise, against the program. */
const FOLDER = import.meta.dirname;
const EXAMPLE = join(FOLDER, '../examples/generator');
const read = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8');
const manifest = (folder: string, name: string): unknown => parse(read(folder, name));

/** The value at a path of keys and indices, `spec.ports.0.port`. */
const at = (value: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>((inner, key) => (inner as Readonly<Record<string, unknown>> | undefined)?.[key], value);
const list = (value: unknown, path: string): readonly unknown[] => (at(value, path) ?? []) as readonly unknown[];
const texts = (value: unknown, path: string, each: string): readonly string[] =>
  list(value, path).map((item) => String(at(item, each)));

const deployment = manifest(FOLDER, 'deployment.yaml');
const pod = at(deployment, 'spec.template.spec');
const container = at(pod, 'containers.0');
const config = configSchema.parse(manifest(FOLDER, 'config.yaml'));
const options = buildGeneratorProgram(() => undefined)
  .parse(list(container, 'args') as readonly string[], { from: 'user' })
  .opts<GeneratorOptions>();
const plugin = manifest(FOLDER, 'plugin-generator.yaml');

describe('the Deployment', () => {
  const volume = (name: string): unknown => list(pod, 'volumes').find((each) => at(each, 'name') === name);
  const mountOf = (name: string): string =>
    String(
      at(
        list(container, 'volumeMounts').find((each) => at(each, 'name') === name),
        'mountPath',
      ),
    );

  it('calls the program as it wants to be called, with its defaults', () => {
    expect([at(container, 'command'), options]).toEqual([['lifecycle-generator'], { ...DEFAULTS, check: false }]);
  });

  it('is reached at one port, by whoever names it', () => {
    const service = manifest(FOLDER, 'service.yaml');
    const network = manifest(FOLDER, 'network-policy.yaml');
    expect([
      at(container, 'ports'),
      at(service, 'spec.ports.0'),
      at(network, 'spec.ingress.0.ports'),
      new URL(String(at(plugin, 'data.baseUrl'))).port,
    ]).toEqual([
      [{ name: 'http', containerPort: options.port }],
      { name: 'http', port: options.port, targetPort: 'http' },
      [{ port: options.port }],
      String(options.port),
    ]);
    expect([
      at(deployment, 'spec.selector.matchLabels'),
      at(service, 'spec.selector'),
      at(manifest(FOLDER, 'disruption.yaml'), 'spec.selector.matchLabels'),
      at(network, 'spec.podSelector.matchLabels'),
      at(pod, 'topologySpreadConstraints.0.labelSelector.matchLabels'),
    ]).toEqual(Array(5).fill(at(deployment, 'spec.template.metadata.labels')));
  });

  it('mounts the configuration and every secret that it names', () => {
    const given = list(volume('config'), 'projected.sources').flatMap((source) =>
      texts(at(source, 'configMap') ?? at(source, 'secret'), 'items', 'path').map(
        (path) => `${mountOf('config')}/${path}`,
      ),
    );
    const named = [...read(FOLDER, 'config.yaml').matchAll(/\{ file: (\S+) \}/g)].map(([, file]) => file);
    expect(named.length).toBeGreaterThan(4);
    expect([...given].sort()).toEqual([options.config, ...named].sort());
  });

  it('has room for what it fetches, where it may write, and writes nowhere else', () => {
    expect(options.mirrors.startsWith(`${mountOf('mirrors')}/`)).toBe(true);
    const [, gibibytes] = /^(\d+)Gi$/.exec(String(at(volume('mirrors'), 'emptyDir.sizeLimit'))) ?? [];
    const needed = 2.5 * config.repositories.length * config.limits.repositoryBytes;
    expect(Number(gibibytes) * 1024 ** 3).toBeGreaterThan(needed);
    expect(at(container, 'securityContext')).toEqual({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
    expect(at(pod, 'securityContext')).toMatchObject({ runAsNonRoot: true, runAsUser: 999 });
    expect(at(pod, 'automountServiceAccountToken')).toBe(false);
  });

  it('has time to end the longest call', () => {
    const pause = Number(at(container, 'lifecycle.preStop.sleep.seconds'));
    expect(at(pod, 'terminationGracePeriodSeconds')).toBeGreaterThan(pause + config.limits.requestSeconds + 5);
  });

  it('is probed where the program answers', () => {
    const probes = ['livenessProbe', 'readinessProbe'].map((probe) => at(container, `${probe}.httpGet.path`));
    expect(probes).toEqual(['/healthz', '/readyz']);
  });

  it('runs this version', () => {
    expect(at(container, 'image')).toBe(`argocd-lifecycle-plugin:v${VERSION}`);
  });
});

describe('the plugin generator of Argo CD', () => {
  const secrets = list(manifest(EXAMPLE, 'kustomization.yaml'), 'secretGenerator');

  it('names the Secret that the example makes, which Argo CD may read; it may read no other', () => {
    const readable = secrets.filter((each) => at(each, 'options.labels') !== undefined);
    expect([at(plugin, 'data.token'), readable]).toEqual([
      '$lifecycle-generator:token',
      [
        {
          name: 'lifecycle-generator',
          files: ['secrets/token'],
          options: { disableNameSuffixHash: true, labels: { 'app.kubernetes.io/part-of': 'argocd' } },
        },
      ],
    ]);
    expect(at(plugin, 'metadata.labels')).toEqual({ 'app.kubernetes.io/part-of': 'argocd' });
  });

  it('the Secrets hold what the Deployment mounts', () => {
    const mounted = list(pod, 'volumes.0.projected.sources').flatMap((source) => {
      const secret = at(source, 'secret');
      return secret ? [[at(secret, 'name'), texts(secret, 'items', 'key').map((key) => `secrets/${key}`)]] : [];
    });
    expect(mounted).toHaveLength(2);
    expect(secrets.map((each) => [at(each, 'name'), at(each, 'files')])).toEqual(mounted);
  });

  it('waits longer than a call may take', () => {
    expect(Number(at(plugin, 'data.requestTimeout'))).toBeGreaterThan(config.limits.requestSeconds);
  });
});

describe('the ApplicationSet', () => {
  const text = read(EXAMPLE, 'applicationset.yaml');
  const spec = at(parse(text), 'spec');
  const generator = at(spec, 'generators.0.plugin');

  it('deletes nothing: neither Applications nor what they deployed', () => {
    expect(spec).toMatchObject({
      goTemplate: true,
      goTemplateOptions: ['missingkey=error'],
      syncPolicy: { preserveResourcesOnDeletion: true, applicationsSync: 'create-update' },
      preservedFields: { annotations: ['argocd.argoproj.io/deletion-approved'] },
    });
    expect(text).not.toContain('finalizers:');
  });

  it('asks the generator as it wants to be asked, for what the example allows', () => {
    expect(at(generator, 'configMapRef.name')).toBe(at(plugin, 'metadata.name'));
    const { asked } = readCall({ applicationSetName: 'lifecycles', input: at(generator, 'input') });
    const [repository] = config.repositories;
    expect([asked.repoURL, [asked.revision]]).toEqual([repository?.url, repository?.revisions]);
    const project = manifest(EXAMPLE, 'project.yaml');
    expect([at(project, 'metadata.name'), at(project, 'spec.sourceRepos')]).toEqual([
      asked.values['project'],
      [asked.repoURL],
    ]);
  });

  it('uses fields that every parameter set has', () => {
    const used = [...text.matchAll(/\{\{(.*?)\}\}/g)].map(([, inner = '']) => inner.trim());
    expect(used.length).toBeGreaterThan(10);
    const values = at(generator, 'input.parameters.values') as Readonly<Record<string, string>>;
    const set = parameterSet({ values });
    const missing = used.filter(
      (each) => !/^(?:\.[a-zA-Z]+)+$/.test(each) || typeof at(set, each.slice(1)) !== 'string',
    );
    expect(missing).toEqual([]);
  });

  it('gives the plugin the parameters that it takes, under its name', () => {
    const source = at(spec, 'template.spec.source.plugin');
    expect([at(source, 'name'), texts(source, 'parameters', 'name')]).toEqual([`lifecycle-v${VERSION}`, PARAMETERS]);
  });
});
