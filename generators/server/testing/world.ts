import { configSchema, type Config } from '../../config/schema.ts';
import { createSecrets } from '../../config/secrets.ts';
import { createLog } from '../../log.ts';
import type { ParameterSet } from '../../parameter-set.ts';
import type { Asked, Inventory, PullRequests, RepositoryView } from '../../ports.ts';
import { createApp } from '../app.ts';
import { BOUNDS, listen, type Bounds } from '../listen.ts';
import { pageTemplate } from '../page/template.ts';

export const TOKEN = 'the-token-of-the-controller';
export const PAGE_TOKEN = 'the-password-of-the-page';
export const WEBHOOK_SECRET = 'the-secret-of-the-webhook';
export const NOW = new Date('2026-02-03T10:00:00Z');

export const parameterSet = (change: Partial<ParameterSet> = {}): ParameterSet => ({
  name: 'bestie',
  namespace: 'shop',
  path: 'shop/bestie',
  repoURL: 'https://git.example.com/shop/deploy.git',
  revision: 'main',
  cluster: 'prod',
  digest: '0123456789ab',
  plan: 'AtRest',
  stage: 'AtRest',
  blue: { name: 'bestie', version: '1.3' },
  green: { name: '', version: '' },
  restore: { id: '', mode: '', request: '' },
  approval: { state: 'not needed', token: '', message: '' },
  problem: '',
  values: {},
  ...change,
});

/** What stands behind the server in a test; each part can be exchanged while it runs. */
interface Behind {
  parameters: (asked: Asked, signal: AbortSignal) => Promise<readonly ParameterSet[]>;
  view: () => readonly RepositoryView[];
  changed: PullRequests['changed'];
  ready: boolean;
  /** The environment that secrets are read from. */
  readonly env: Record<string, string>;
  readonly pushed: string[];
  readonly asked: Asked[];
  /** What was logged, line by line. */
  readonly logged: string[];
}

export interface World extends Behind {
  readonly url: string;
  readonly port: number;
  /** Closes as the program does; aborted at once. */
  readonly close: () => Promise<void>;
}

const scm = (kind: string, project: string, webhookSecret = 'WEBHOOK') => ({
  kind,
  api: `https://${kind}.example.com`,
  project,
  token: { env: 'SCM' },
  webhookSecret: { env: webhookSecret },
});

export const configOf = (limits: object = {}): Config =>
  configSchema.parse({
    apiVersion: 'lifecycle.bestie.com/v1alpha1',
    kind: 'GeneratorConfiguration',
    token: { env: 'TOKEN' },
    pageToken: { env: 'PAGE' },
    repositories: [
      { url: 'https://git.example.com/shop/deploy.git', cluster: 'prod', scm: scm('gitea', 'shop/deploy') },
      { url: 'https://github.com/shop/deploy.git', cluster: 'prod', scm: scm('github', 'Shop/Deploy') },
      { url: 'https://github.com/other/deploy.git', cluster: 'prod', scm: scm('github', 'other/deploy', 'OTHER') },
      { url: 'https://gitlab.com/shop/team/deploy.git', cluster: 'prod', scm: scm('gitlab', 'shop/team/deploy') },
    ],
    limits,
  });

/** The server on a port of this machine, with stand-ins behind it. */
export async function startWorld(
  options: { readonly limits?: object; readonly bounds?: Partial<Bounds> } = {},
): Promise<World> {
  const behind: Behind = {
    parameters: () => Promise.resolve([parameterSet()]),
    view: () => [],
    changed: () => Promise.resolve(),
    ready: true,
    env: {
      TOKEN,
      PAGE: PAGE_TOKEN,
      WEBHOOK: WEBHOOK_SECRET,
      OTHER: 'the-secret-of-another-webhook',
      SCM: 'the-token-of-the-scm',
    },
    pushed: [],
    asked: [],
    logged: [],
  };
  const secrets = createSecrets({ env: behind.env, readFile: () => Buffer.alloc(0) });
  const inventory: Inventory = {
    parameters: (asked, signal) => {
      behind.asked.push(asked);
      return behind.parameters(asked, signal);
    },
    pushed: ({ url }) => void behind.pushed.push(url),
    view: () => behind.view(),
  };
  const app = createApp({
    config: configOf(options.limits),
    secrets,
    inventory,
    pullRequests: { changed: (...all) => behind.changed(...all) },
    page: pageTemplate(),
    log: createLog((line) => void behind.logged.push(line), secrets.scrub),
    now: () => NOW,
    version: '0.0.0',
    ready: () => behind.ready,
  });
  const server = await listen(app.handler, 0, '127.0.0.1', { ...BOUNDS, ...options.bounds });
  const close = async (): Promise<void> => {
    await Promise.all([server.close(AbortSignal.abort()), app.close(AbortSignal.abort())]);
  };
  return Object.assign(behind, { url: `http://127.0.0.1:${server.port}`, port: server.port, close });
}

/** The body of a call, as the controller sends it. */
export const callBody = (parameters: object = {}): string =>
  JSON.stringify({
    applicationSetName: 'lifecycles',
    input: { parameters: { repoURL: 'https://git.example.com/shop/deploy.git', revision: 'main', ...parameters } },
  });

export const call = (
  world: Pick<World, 'url'>,
  body: string | Uint8Array<ArrayBuffer> = callBody(),
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> =>
  fetch(`${world.url}/api/v1/getparams.execute`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...headers },
    body,
  });

/** Ends when the condition holds; the test's own time limit is the only one. */
export async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
