import { describe, expect, test } from '@jest/globals';
import { atRest, switching } from '../../plugin/plan/testing/lifecycles.ts';
import { field, find, render } from './rendered.ts';

/** What the Bestie operator's contract asks of a renderer; each test quotes the line that it is for. */
const kind = { application: { kind: 'Bestie', image: 'quay.io/opdev/bestie', replicas: 3 } };
const MONITORING = { parameters: { apiVersions: ['v1', 'monitoring.coreos.com/v1/ServiceMonitor'] } };

describe.each([
  ['bestie', atRest(kind)],
  ['bestie2', switching(kind)],
])('"it looks its operands up as <cr>-…": those of %s', (cr, lifecycle) => {
  const objects = render(lifecycle, MONITORING);

  test.each([
    ['PostgresCluster', 'pgo'],
    ['Job', 'job'],
    ['Deployment', 'app'],
    ['Service', 'service'],
    ['ServiceMonitor', 'servicemonitor'],
    ['HorizontalPodAutoscaler', 'hpa'],
    ['Ingress', 'ingress'],
  ])('%s <cr>-%s', (operand, suffix) => {
    expect(find(objects, operand, `${cr}-${suffix}`).kind).toBe(operand);
  });

  test('"spec {size (int32, required), image, version, maxReplicas}"', () => {
    const version = cr === 'bestie' ? '1.3' : '1.4';
    expect(find(objects, 'Bestie', cr)['spec']).toEqual({
      size: 3,
      image: 'quay.io/opdev/bestie',
      version,
      maxReplicas: 3,
    });
  });

  test('"it scales the Deployment to size only without an HPA": no replicas, and an HPA, so that a closed blue stays at 0', () => {
    expect(field(find(objects, 'Deployment', `${cr}-app`), 'spec.replicas')).toBeUndefined();
    expect(find(objects, 'HorizontalPodAutoscaler', `${cr}-hpa`)['spec']).toMatchObject({
      minReplicas: 3,
      maxReplicas: 3,
      scaleTargetRef: { name: `${cr}-app` },
    });
  });

  test('the Ingress leads nowhere: traffic past the Service would be traffic past the flip', () => {
    expect(find(objects, 'Ingress', `${cr}-ingress`)['spec']).toEqual({
      ingressClassName: 'lifecycle-none',
      rules: [{ host: `${cr}.invalid` }],
    });
  });

  test('"It waits for job.status.succeeded": a Job of exactly that name that asserts and does not migrate', () => {
    const job = find(objects, 'Job', `${cr}-job`);
    expect(field(job, 'spec.template.spec.containers.0.command')).toEqual(['lifecycle-step', 'migrated', cr]);
    expect(job.metadata.annotations?.['argocd.argoproj.io/sync-options']).toContain('Replace=true');
  });
});

test('"without the ServiceMonitor API it stops there": then neither ServiceMonitor nor Ingress', () => {
  const kinds = render(atRest(kind)).map((each) => each.kind);
  expect(kinds).not.toContain('ServiceMonitor');
  expect(kinds).not.toContain('Ingress');
});

test('kind Deployment needs nothing of that operator', () => {
  const kinds = new Set(render(atRest(), MONITORING).map((each) => each.kind));
  expect(['Bestie', 'ServiceMonitor', 'Ingress', 'HorizontalPodAutoscaler'].filter((each) => kinds.has(each))).toEqual(
    [],
  );
});

test('"environment DB_ADDR DB_PORT DB_DATABASE DB_USER DB_PASSWORD DATABASE_URL from <cluster>-pguser-<user>"', () => {
  const env = field(find(render(atRest()), 'Deployment', 'bestie-app'), 'spec.template.spec.containers.0.env');
  expect(JSON.stringify(env)).toContain(
    '{"name":"DB_PASSWORD","valueFrom":{"secretKeyRef":{"name":"bestie-pgo-pguser-bestie","key":"password"}}}',
  );
  expect((env as { name: string }[]).map(({ name }) => name)).toEqual([
    'DB_ADDR',
    'DB_PORT',
    'DB_DATABASE',
    'DB_USER',
    'DB_PASSWORD',
    'DATABASE_URL',
  ]);
});
