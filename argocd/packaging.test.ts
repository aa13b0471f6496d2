import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { PARAMETERS } from '../plugin/commands/parameters.ts';

/** What argocd/ promises, against what the golden cases render. */
const ROOT = join(import.meta.dirname, '..');
const GOLDEN = join(ROOT, 'test/golden');

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly rules?: readonly Rule[];
  readonly spec?: Readonly<Record<string, unknown>>;
}

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const manifests = (text: string): readonly Manifest[] =>
  parseAllDocuments(text).map((document) => document.toJS() as Manifest);

const rendered: readonly Manifest[] = readdirSync(GOLDEN)
  .map((name) => join(GOLDEN, name, 'expected.yaml'))
  .filter((file) => existsSync(file))
  .flatMap((file) => manifests(readFileSync(file, 'utf8')));

const groupOf = ({ apiVersion }: Manifest): string =>
  apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
const kinds = [...new Map(rendered.map((each) => [`${groupOf(each)}/${each.kind}`, each])).values()];
const plural = (kind: string): string => `${kind.toLowerCase()}${kind.endsWith('s') ? 'es' : 's'}`;

const deployer = manifests(read('argocd/base/rbac.yaml')).find(
  ({ metadata }) => metadata.name === 'lifecycle-deployer',
);

const allows = (group: string, resource: string, verb: string): boolean =>
  (deployer?.rules ?? []).some(
    ({ apiGroups, resources, verbs }) =>
      apiGroups.includes(group) && resources.includes(resource) && verbs.includes(verb),
  );

describe('lifecycle-deployer', () => {
  it('may apply and prune every kind that is rendered', () => {
    expect(kinds.length).toBeGreaterThan(8);
    for (const each of kinds) {
      for (const verb of ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']) {
        expect([each.kind, verb, allows(groupOf(each), plural(each.kind), verb)]).toEqual([each.kind, verb, true]);
      }
    }
  });

  it('holds every right that a rendered Role grants, so that it needs neither escalate nor bind', () => {
    const granted = rendered.flatMap(({ rules = [] }) =>
      rules.flatMap(({ apiGroups, resources, verbs }) =>
        apiGroups.flatMap((group) =>
          resources.flatMap((resource) => verbs.map((verb) => [group, resource, verb] as const)),
        ),
      ),
    );
    expect(granted.length).toBeGreaterThan(20);
    expect(granted.filter(([group, resource, verb]) => !allows(group, resource, verb))).toEqual([]);
  });

  it('may read no Secret', () => {
    expect(allows('', 'secrets', 'get') || allows('', 'secrets', 'list')).toBe(false);
  });
});

describe('admission', () => {
  const folder = join(ROOT, 'argocd/base/admission');
  const files = readdirSync(folder);
  const policies = files.flatMap((file) => manifests(readFileSync(join(folder, file), 'utf8')));
  const variables = (policy: string): readonly { readonly name: string; readonly expression: string }[] =>
    policies.find(({ kind, metadata }) => kind === 'ValidatingAdmissionPolicy' && metadata.name === policy)?.spec?.[
      'variables'
    ] as readonly { readonly name: string; readonly expression: string }[];

  it('is installed whole', () => {
    const { resources } = parse(read('argocd/base/kustomization.yaml')) as { resources: readonly string[] };
    expect(resources.filter((each) => each.startsWith('admission/'))).toEqual(files.map((each) => `admission/${each}`));
  });

  it('keeps the operator where the documented patch finds it', () => {
    expect(variables('lifecycle-keep-volumes')[0]?.name).toBe('operators');
  });

  it('lets every account write the ledger that is rendered to do so, and no other', () => {
    const steps = variables('lifecycle-ledger').find(({ name }) => name === 'steps')?.expression ?? '';
    const accounts = rendered.filter(({ kind }) => kind === 'ServiceAccount').map(({ metadata }) => metadata.name);
    const listed = [...steps.matchAll(/'([a-z-]+)'/gu)].map(([, step]) => step ?? '');
    expect(accounts.filter((name) => !listed.some((step) => name.endsWith(`-${step}`)))).toEqual([]);
    expect(listed.filter((step) => !accounts.some((name) => name.endsWith(`-${step}`)))).toEqual([]);
  });
});

describe('examples', () => {
  const [project, application] = manifests(read('argocd/examples/application.yaml'));

  const [generated] = manifests(read('argocd/examples/generator/project.yaml'));

  it.each([
    ['the Application', project],
    ['the generator', generated],
  ])('the project of %s lets in what is rendered', (_, each) => {
    const allowed = each?.spec?.['namespaceResourceWhitelist'] as readonly { group: string; kind: string }[];
    const missing = kinds.filter(
      (made) => !allowed.some(({ group, kind }) => group === groupOf(made) && kind === made.kind),
    );
    expect(missing.map(({ kind }) => kind)).toEqual([]);
  });

  it('the Application asks for this version of the plugin', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    expect(application?.spec).toMatchObject({ source: { plugin: { name: `lifecycle-v${version}` } } });
  });
});

describe('plugin.yaml', () => {
  const plugin = parse(read('argocd/base/plugin.yaml')) as Manifest;

  it('carries the version of the project: Argo CD’s cache knows nothing else of a release (argo-cd.md §1)', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    expect(plugin).toMatchObject({ metadata: { name: 'lifecycle' }, spec: { version: `v${version}` } });
    expect(
      read('argocd/argo-cd/sidecar.yaml')
        .match(/argocd-lifecycle-plugin:\S+(?=['\n])/gu)
        ?.map((each) => each.replace("'", '')),
    ).toEqual([`argocd-lifecycle-plugin:v${version}`, `argocd-lifecycle-plugin:v${version}`]);
  });

  it('has no discover and no init, and starts no shell (argo-cd.md §6.6, §6.7, §6.8)', () => {
    expect(plugin.spec).toEqual({
      version: expect.any(String),
      generate: { command: ['lifecycle', 'generate'] },
      parameters: expect.anything(),
    });
  });

  it('announces every parameter that generate takes, and no other', () => {
    const { parameters } = plugin.spec as { parameters: { static: readonly { readonly name: string }[] } };
    expect(parameters.static.map(({ name }) => name)).toEqual(PARAMETERS);
  });
});
