import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ANNOTATION } from '../../../plugin/plan/labels.ts';
import { APPROVAL_KEY, CLUSTER, approvalKeys } from '../../lab/argocd/approval-keys.ts';
import { ARGOCD } from '../../lab/argocd/application.ts';
import {
  applicationSetConditions,
  applyApplicationSet,
  deployGenerator,
  generatorReady,
} from '../../lab/argocd/generator.ts';
import { APPLICATION_SETS, startApplicationSetController } from '../../lab/argocd/processes.ts';
import { binaries } from '../../lab/build/binaries.ts';
import { apply, getObject, kubectl, listObjects } from '../../lab/kubectl.ts';
import { loadWrites } from '../../lab/load/start.ts';
import { stopProcess } from '../../lab/process.ts';
import { waitFor } from '../../lab/wait-for.ts';
import { databaseTime, recordOf } from '../scenarios/restore.ts';
import { startClients } from '../world/clients.ts';
import { report } from '../world/report.ts';
import { BLUE, sampleLifecycle, type RestoreSample } from '../world/sample.ts';
import { ORG, REPOSITORY, startSourceHost, WEBHOOK_SECRET, type SourceHost } from '../world/source-host.ts';
import { sql } from '../world/sql.ts';
import { ledger, waitForLedger, type World } from '../world/world.ts';

/** The generator for real: ApplicationSet controller, source host, two replicas; a restore by a pull request. */
jest.setTimeout(900_000);

const NAMESPACE = 'generated';
const FILE = `${NAMESPACE}/lifecycle.yaml`;
const CLUSTER_NAME = `${BLUE}-pgo`;
const world = { name: NAMESPACE } as World;
const TOKEN = 'a-token-of-the-lab-only';

/** Of a namespace that does not exist: its Application is made, and syncs nothing. */
const elsewhere = (name: string): string =>
  sampleLifecycle().replace('name: bestie\n', `name: ${name}\n`).replaceAll('service: bestie', `service: ${name}`);

let host: SourceHost;

const config = ({ url, repoURL }: SourceHost): unknown => ({
  apiVersion: 'lifecycle.bestie.com/v1alpha1',
  kind: 'GeneratorConfiguration',
  token: { file: '/etc/lifecycle-generator/secrets/token' },
  pageToken: { file: '/etc/lifecycle-generator/secrets/page-token' },
  repositories: [
    {
      url: repoURL,
      namespace: '{folder}',
      cluster: CLUSTER,
      scm: {
        kind: 'gitea',
        api: url,
        project: `${ORG}/${REPOSITORY}`,
        token: { file: '/etc/lifecycle-generator/secrets/scm-token' },
        webhookSecret: { file: '/etc/lifecycle-generator/secrets/webhook-secret' },
      },
    },
  ],
  approvals: {
    key: { file: '/etc/lifecycle-generator/secrets/approval-key.json' },
    policies: [{ requests: ['restore'], quorum: 2, approvers: { teams: [`${ORG}/dba`] } }],
  },
  limits: { shrinkPercent: 40, staleSeconds: 3600 },
});

interface Application {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: {
    readonly source: {
      readonly path: string;
      readonly plugin: { readonly parameters: readonly { readonly name: string; readonly string?: string }[] };
    };
    readonly info: readonly { readonly name: string; readonly value: string }[];
  };
}

const ours = ({ metadata }: Application): boolean => /\./.test(metadata.name);
const applications = async (): Promise<readonly Application[]> =>
  (await listObjects<Application>('application.argoproj.io', ARGOCD)).filter(ours);
const names = async (): Promise<readonly string[]> =>
  (await applications()).map(({ metadata }) => metadata.name).sort();
const waitForNames = (expected: readonly string[]): Promise<unknown> =>
  waitFor(
    async () => {
      const found = await names();
      if (expected.every((name) => found.includes(name))) return found;
      throw new Error(`${found.join(', ')}; ${(await applicationSetConditions()).join('; ')}`);
    },
    { what: expected.join(', '), timeoutSeconds: 90 },
  );

const push = async (files: Readonly<Record<string, string | null>>, message: string): Promise<void> => {
  await host.repository.commit('root', { files, message });
  await host.repository.push('root');
};

beforeAll(async () => {
  await approvalKeys();
  await apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }]);
  host = await startSourceHost({
    [FILE]: sampleLifecycle(),
    'one/lifecycle.yaml': elsewhere('one'),
    'two/lifecycle.yaml': elsewhere('two'),
  });
  const address = await deployGenerator(
    config(host),
    {
      token: TOKEN,
      'page-token': 'a page token of the lab only',
      'git-password': 'none is asked for',
      'scm-token': host.server.adminToken,
      'webhook-secret': WEBHOOK_SECRET,
      'approval-key.json': readFileSync(APPROVAL_KEY, 'utf8'),
    },
    host.authority,
  );
  await host.webhook(`${address}/webhooks/gitea`);
  startApplicationSetController(await binaries());
  await applyApplicationSet(host.repoURL);
});
afterAll(async () => {
  await stopProcess(APPLICATION_SETS);
  await host.stop();
});

describe('Applications', () => {
  it('three files are three Applications', async () => {
    const begun = Date.now();
    await waitForNames(['generated.bestie', 'one.one', 'two.two']);
    report('generator', { 'three Applications': `${((Date.now() - begun) / 1000).toFixed(1)} s` });
    expect(await names()).toHaveLength(3);
  });

  it('a fourth comes by a commit; one that is moved has a second one, and none is ever deleted', async () => {
    await push({ 'three/lifecycle.yaml': elsewhere('three') }, 'A fourth');
    await waitForNames(['three.three']);
    await push({ 'two/lifecycle.yaml': null, 'four/lifecycle.yaml': elsewhere('two') }, 'Move two');
    await waitForNames(['four.two']);
    await push({ 'three/lifecycle.yaml': null }, 'Remove three');
    await waitFor(
      async () => (await applicationSetConditions()).some((each) => each.startsWith('ResourcesUpToDate True')),
      {
        what: 'the ApplicationSet is up to date',
        timeoutSeconds: 60,
      },
    );
    expect(await names()).toEqual(['four.two', 'generated.bestie', 'one.one', 'three.three', 'two.two']);
  });

  it('a file that is not valid any more keeps its Application, which says so', async () => {
    await push({ 'one/lifecycle.yaml': 'kind: Lifecycle\n' }, 'Break one');
    await waitFor(async () => (await problemOf('one.one')) !== '', { what: 'its problem', timeoutSeconds: 60 });
    expect(await problemOf('one.one')).toMatch(/^one\/lifecycle\.yaml:1/);
    await push({ 'one/lifecycle.yaml': elsewhere('one') }, 'Mend one');
    await waitFor(async () => (await problemOf('one.one')) === '', { what: 'no problem', timeoutSeconds: 60 });
  });
});

const application = async (name: string): Promise<Application> => {
  const found = await getObject<Application>('application.argoproj.io', name, ARGOCD);
  if (!found) throw new Error(`no Application ${name}`);
  return found;
};
const infoOf = async (name: string, what: string): Promise<string> =>
  (await application(name)).spec.info.find((each) => each.name === what)?.value ?? '';
const problemOf = (name: string): Promise<string> => infoOf(name, 'Problem');
const tokenOf = async (): Promise<string> =>
  (await application('generated.bestie')).spec.source.plugin.parameters.find(({ name }) => name === 'approval')
    ?.string ?? '';

const ask = (statement: string): Promise<string> => sql(NAMESPACE, CLUSTER_NAME, statement);

/** A pull request of somebody with a restore. @returns its number. */
async function propose(branch: string, by: string, restore: RestoreSample): Promise<number> {
  const { repository } = host;
  await repository.git('checkout', '-q', '-b', branch, 'main');
  await repository.commit(by, { files: { [FILE]: sampleLifecycle({ restore }) }, message: `Restore ${restore.id}` });
  await repository.push(by);
  return repository.pullRequest(by, branch);
}

const awaiting = async (): Promise<string> => {
  const object = await getObject<{ metadata: { annotations?: Readonly<Record<string, string>> } }>(
    'lifecycle',
    'bestie',
    NAMESPACE,
  );
  return object?.metadata.annotations?.[ANNOTATION.awaitingApproval] ?? '';
};

const waitForRequest = (id: string): Promise<unknown> =>
  waitFor(async () => (await awaiting()).startsWith(`restore ${id}, request `), {
    what: `${id} awaits approval`,
    timeoutSeconds: 120,
  });

describe('a restore by a pull request', () => {
  let target: string;

  it('the application is there, with clients and a table that somebody drops', async () => {
    await waitForLedger(world, 'at rest', ({ phase, serving }) => phase === 'AtRest' && serving !== undefined, 480);
    await ask('CREATE TABLE bestie.keepsake AS SELECT generate_series(1, 1000) AS n');
    await startClients(world, { writers: 1, readers: 1, overriders: 0 });
    target = await databaseTime(world, CLUSTER_NAME);
    const { length } = await loadWrites(NAMESPACE);
    await waitFor(async () => (await loadWrites(NAMESPACE)).length > length + 20, {
      what: 'later writes',
      timeoutSeconds: 30,
    });
    await ask('DROP TABLE bestie.keepsake');
    expect(await ask(`SELECT to_regclass('bestie.keepsake') IS NULL`)).toBe('t');
  });

  it('merged with the approvals of its author and of one other: nothing is restored, and everybody can see why', async () => {
    const number = await propose('r1', 'mallory', { id: 'r1', target: { time: target } });
    await host.repository.review(number, 'alice', 'APPROVED');
    await host.repository.merge(number);
    await waitForRequest('r1');
    expect(await infoOf('generated.bestie', 'Approval')).toMatch(/^(missing|refused) .*1 of 2/);
    expect(await tokenOf()).toBe('');
    expect(recordOf(await ledger(world), 'r1')).toBeUndefined();
  });

  it('approved on an old head, then pushed to, and merged: it does not run', async () => {
    const { repository } = host;
    await push({ [FILE]: sampleLifecycle() }, 'Take r1 out');
    const number = await propose('r2', 'mallory', { id: 'r2', target: { time: target } });
    for (const login of ['alice', 'bob']) await repository.review(number, login, 'APPROVED');
    const head = await repository.commit('mallory', { files: { 'README.md': 'More\n' }, message: 'More' });
    await repository.push('mallory');
    await repository.seen(number, head);
    await repository.merge(number);
    await waitForRequest('r2');
    expect(await tokenOf()).toBe('');
    expect(await infoOf('generated.bestie', 'Approval')).toMatch(/^(missing|refused) /);
    expect(recordOf(await ledger(world), 'r2')).toBeUndefined();
  });

  it('approved on the final head: it runs, once, and names who approved it where', async () => {
    const { repository } = host;
    await push({ [FILE]: sampleLifecycle() }, 'Take r2 out');
    const number = await propose('r3', 'mallory', { id: 'r3', target: { time: target } });
    for (const login of ['alice', 'bob']) await repository.review(number, login, 'APPROVED');
    const begun = Date.now();
    await repository.merge(number);
    await waitFor(async () => (await tokenOf()) !== '', { what: 'the token', timeoutSeconds: 60 });
    const signed = Date.now();
    const status = await waitForLedger(world, 'restored', (is) => recordOf(is, 'r3')?.clientsBackAt !== undefined, 300);
    report('restore by a pull request', {
      'merge to token': `${((signed - begun) / 1000).toFixed(1)} s`,
      'merge to clients back': `${((Date.now() - begun) / 1000).toFixed(1)} s`,
    });
    expect(recordOf(status, 'r3')).toMatchObject({
      approvedBy: ['alice', 'bob'],
      pullRequest: `${ORG}/${REPOSITORY}#${number}`,
    });
    expect(await ask('SELECT count(*) FROM bestie.keepsake')).toBe('1000');
    expect(status.restores?.map(({ id }) => id)).toEqual(['r3']);
  });
});

describe('the source host', () => {
  it('is killed, and both replicas are made anew: every Application stays, and it recovers by itself', async () => {
    const before = (await applications()).map(({ metadata }) => metadata.uid).sort();
    await host.server.kill();
    await kubectl(['rollout', 'restart', 'deployment/lifecycle-generator', '-n', ARGOCD]);
    await generatorReady();
    await waitFor(
      async () => (await applicationSetConditions()).some((each) => each.startsWith('ErrorOccurred True')),
      {
        what: 'the ApplicationSet tells of it',
        timeoutSeconds: 120,
      },
    );
    expect((await applications()).map(({ metadata }) => metadata.uid).sort()).toEqual(before);
    await host.server.start();
    await waitFor(
      async () => (await applicationSetConditions()).some((each) => each.startsWith('ResourcesUpToDate True')),
      {
        what: 'it recovers',
        timeoutSeconds: 240,
      },
    );
    expect((await applications()).map(({ metadata }) => metadata.uid).sort()).toEqual(before);
  });

  it('has its branch emptied by force: every Application stays', async () => {
    const before = await names();
    const { repository } = host;
    await repository.git('checkout', '-q', '--orphan', 'emptied');
    await repository.git('rm', '-rqf', '.');
    await repository.commit('root', { files: { 'README.md': 'Nothing is left\n' }, message: 'Nothing' });
    await repository.git('checkout', '-q', '-B', 'main');
    await repository.push('root', '--force');
    await waitFor(async () => (await applicationSetConditions()).some((each) => each.includes('generator-shrunk')), {
      what: 'the generator refuses it',
      timeoutSeconds: 120,
    });
    expect(await names()).toEqual(before);
  });
});
