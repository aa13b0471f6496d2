import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { newKey } from '../plugin/approval/keys.ts';
import { loadConfig } from './config/load.ts';
import { createSecrets } from './config/secrets.ts';
import { lifecycleText } from './lifecycles/testing/lifecycle-text.ts';
import { createLog } from './log.ts';
import { createParts } from './parts.ts';
import { startOrigin, type Origin } from './repositories/testing/origin.ts';
import type { Parts } from './serve.ts';

/** That the rooms are joined: what each does is tested there. */
jest.setTimeout(60_000);

let origin: Origin;
let host: Server;
let parts: Parts;
let folder = '';
let asked: string[] = [];
const lines: string[] = [];
const never = new AbortController().signal;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'generator-parts-'));
  asked = [];
  origin = await startOrigin();
  // A source host that knows nothing: no pull request, no commit.
  host = createServer((request, response) => {
    asked.push(`${request.headers.authorization ?? ''} ${request.url ?? ''}`);
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"message":"not found"}');
  });
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
  const api = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
  const secrets = createSecrets({
    env: { TOKEN: 'the-token', SCM: 'the-token-of-the-scm', KEY: JSON.stringify(await newKey()) },
    readFile: () => Buffer.alloc(0),
  });
  const text = `apiVersion: lifecycle.bestie.com/v1alpha1
kind: GeneratorConfiguration
token: { env: TOKEN }
repositories:
  - url: ${origin.url}
    cluster: lab
    allowHttp: true
    scm: { kind: gitea, api: '${api}', project: shop/deploy, token: { env: SCM } }
approvals:
  key: { env: KEY }
  policies: [{ approvers: { users: [alice] } }]
`;
  const loaded = loadConfig(Buffer.from(text), 'config.yaml', secrets);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ detail }) => detail).join());
  parts = createParts({
    config: loaded.config,
    secrets,
    log: createLog((line) => lines.push(line), secrets.scrub),
    mirrors: folder,
    env: { PATH: process.env['PATH'] },
    now: () => new Date(),
  });
});
afterEach(async () => {
  await parts.close();
  await origin.close();
  host.closeAllConnections();
  host.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a request is looked for at the source host, with the token of the configuration', async () => {
  await origin.commit({ 'a/lifecycle.yaml': lifecycleText('a', { restore: 'back' }) });
  const [set] = await parts.inventory.parameters(
    { repoURL: origin.url, revision: 'main', paths: [], values: {} },
    never,
  );
  expect([set?.approval.state, set?.approval.token]).toEqual(['missing', '']);
  expect(asked.length).toBeGreaterThan(0);
  expect(
    asked.filter((each) => !/^(token|Bearer) the-token-of-the-scm \/api\/v1\/repos\/shop\/deploy/.test(each)),
  ).toEqual([]);
});

test('a pull request that a webhook told of is looked at there', async () => {
  const [repository] = parts.inventory.view();
  expect(repository?.url).toBe(origin.url);
  await parts.pullRequests.changed(repositoryOf(), 7, never);
  expect(asked).toEqual([expect.stringMatching(/\/pulls\/7$/)]);
});

const repositoryOf = () => ({
  ...{ url: origin.url, revisions: ['main'], paths: ['**'], namespace: '{folder}', cluster: 'lab', allowHttp: true },
});
