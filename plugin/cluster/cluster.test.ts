import { expect, test } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { createCluster } from './cluster.ts';
import { answerWith, apiStub, refuseWith, type Received } from './testing-server.ts';

async function withStub(
  answer: (request: Received, response: ServerResponse, nth: number) => void,
  use: (cluster: ReturnType<typeof createCluster>, received: readonly Received[]) => Promise<void>,
): Promise<void> {
  let count = 0;
  const stub = await apiStub((request, response) => {
    answer(request, response, (count += 1));
  });
  try {
    await use(createCluster(stub.api), stub.received);
  } finally {
    await stub.close();
  }
}

const service = { metadata: { name: 'bestie' }, spec: { selector: { app: 'bestie' } } };

test.each([429, 500, 503])('%d is borne with', async (code) => {
  await withStub(
    (_request, response, nth) => {
      if (nth < 3) refuseWith(response, code, 'later');
      else answerWith(response, service);
    },
    async (cluster, received) => {
      expect(await cluster.serviceSelector('bestie')).toEqual({ app: 'bestie' });
      expect(received).toHaveLength(3);
    },
  );
});

test.each([
  "failed to configure policy: failed to find resource referenced by paramKind: 'lifecycle.bestie.com/v1alpha1, Kind=Lifecycle'",
  'failed to configure binding: paramKind kind `lifecycle.bestie.com/v1alpha1, Kind=Lifecycle` not yet synced to use for admission',
])('a policy of an API server that has just started is borne with: %s', async (why) => {
  await withStub(
    (_request, response, nth) => {
      const refusal = `services "bestie" is forbidden: ValidatingAdmissionPolicy 'lifecycle-traffic' denied request: ${why}`;
      if (nth < 3) refuseWith(response, 422, refusal);
      else answerWith(response, service);
    },
    async (cluster, received) => {
      await cluster.setServiceSelector('bestie', { app: 'bestie' });
      expect(received).toHaveLength(3);
    },
  );
});

test('a connection that breaks, and an answer that never comes, are borne with', async () => {
  await withStub(
    (_request, response, nth) => {
      if (nth === 1) response.destroy();
      else if (nth > 2) answerWith(response, service);
    },
    async (cluster, received) => {
      expect(await cluster.serviceSelector('bestie')).toEqual({ app: 'bestie' });
      expect(received).toHaveLength(3);
    },
  );
});

test('within bounds: then what failed is named, without the token', async () => {
  const stub = await apiStub(() => undefined);
  await stub.close();
  const error: unknown = await createCluster(stub.api)
    .serviceSelector('bestie')
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: 'api-failed',
    message: expect.stringMatching(/^api-failed: get service bestie: .*ECONNREFUSED/),
  });
  expect(inspect(error)).not.toContain('very-secret-token');
});

test('403 is not tried again, and its reason is told', async () => {
  await withStub(
    (_request, response) => {
      refuseWith(response, 403, 'services "bestie" is forbidden');
    },
    async (cluster, received) => {
      await expect(cluster.setServiceSelector('bestie', {})).rejects.toThrow(
        'api-failed: patch service bestie: 403 services "bestie" is forbidden',
      );
      expect(received).toHaveLength(1);
    },
  );
});

test('404 reads as absent, and deleting what is absent is no error', async () => {
  await withStub(
    (_request, response) => {
      refuseWith(response, 404, 'not found');
    },
    async (cluster) => {
      expect(await cluster.postgresCluster('bestie-pgo')).toBeUndefined();
      expect(await cluster.deployment('bestie-app')).toBeUndefined();
      await cluster.deletePostgresCluster('bestie-pgo', 'u-1');
      await cluster.deleteDeployment('bestie-app');
      await cluster.deleteJob('bestie2-job-1');
      await expect(cluster.annotatePostgresCluster('bestie-pgo', { a: 'b' })).rejects.toMatchObject({ status: 404 });
    },
  );
});

test('a deletion is bound to the UID; another object of that name is left alone', async () => {
  await withStub(
    (_request, response) => {
      refuseWith(response, 409, 'the UID in the precondition (u-1) does not match');
    },
    async (cluster, received) => {
      await expect(cluster.deletePostgresCluster('bestie2-pgo', 'u-1')).rejects.toMatchObject({ status: 409 });
      expect(received).toMatchObject([
        { method: 'DELETE', body: { preconditions: { uid: 'u-1' }, propagationPolicy: 'Foreground' } },
      ]);
    },
  );
});

test('a restore is set with its id in one request, taken off whole, and its users are written by way of the status', async () => {
  await withStub(
    (_request, response) => {
      answerWith(response, {});
    },
    async (cluster, received) => {
      await cluster.setRestore('bestie-pgo', { id: 'r1', repository: 'repo2', options: ['--type=default'] });
      await cluster.setRestore('bestie-pgo', null);
      await cluster.reapplyUsers('bestie-pgo');
      const id = 'postgres-operator.crunchydata.com/pgbackrest-restore';
      const path = '/apis/postgres-operator.crunchydata.com/v1beta1/namespaces/shop/postgresclusters/bestie-pgo';
      const block = { enabled: true, repoName: 'repo2', options: ['--type=default'] };
      expect(received.map(({ method, url, body }) => [method, url, body])).toEqual([
        ['PATCH', path, restored('r1', block)],
        ['PATCH', path, restored(null, null)],
        ['PATCH', `${path}/status`, { status: { usersRevision: '' } }],
      ]);
      function restored(value: string | null, restore: object | null): object {
        return { metadata: { annotations: { [id]: value } }, spec: { backups: { pgbackrest: { restore } } } };
      }
    },
  );
});

test('what a step has made is let go of with its source, in one request, whoever manages it besides', async () => {
  const made = { metadata: { name: 'bestie-r1-pgo' }, spec: { dataSource: {} } };
  const managedFields = [{ manager: 'argocd-controller' }, { manager: 'lifecycle-clone' }];
  await withStub(
    ({ method }, response) => {
      answerWith(response, method === 'GET' ? { metadata: { managedFields }, spec: made.spec } : made);
    },
    async (cluster, received) => {
      await cluster.createPostgresCluster(made);
      await cluster.removeDataSource('bestie-r1-pgo');
      expect(received.map(({ method, url }) => [method, new URL(url, 'http://api').search])).toEqual([
        ['POST', '?fieldManager=lifecycle-clone'],
        ['GET', ''],
        ['PATCH', ''],
      ]);
      expect(received[2]?.body).toEqual([
        { op: 'remove', path: '/spec/dataSource' },
        { op: 'test', path: '/metadata/managedFields/1/manager', value: 'lifecycle-clone' },
        { op: 'remove', path: '/metadata/managedFields/1' },
      ]);
    },
  );
});

test('what is let go of already is left alone', async () => {
  await withStub(
    (_request, response) => {
      answerWith(response, { metadata: {}, spec: {} });
    },
    async (cluster, received) => {
      await cluster.removeDataSource('bestie-r1-pgo');
      expect(received).toHaveLength(1);
    },
  );
});

test('the log of a Job is that of its newest pod; without one there is none', async () => {
  const pod = (name: string, creationTimestamp: string) => ({ metadata: { name, creationTimestamp } });
  const items = [pod('first', '2026-11-22T10:00:00Z'), pod('second', '2026-11-22T10:05:00Z')];
  await withStub(
    ({ url }, response) => {
      if (url.includes('/log')) response.setHeader('content-type', 'text/plain').end('no backup set found\n');
      else answerWith(response, { items: url.includes('restore') ? items : [] });
    },
    async (cluster, received) => {
      expect(await cluster.jobLog('bestie-pgo-pgbackrest-restore', 'pgbackrest-restore')).toBe('no backup set found\n');
      expect(received[1]?.url).toMatch(/\/pods\/second\/log\?container=pgbackrest-restore&tailLines=200$/);
      expect(await cluster.jobLog('none', 'x')).toBe('');
    },
  );
});
