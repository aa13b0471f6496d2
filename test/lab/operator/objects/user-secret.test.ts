import { describe, expect, it } from '@jest/globals';
import type { Cluster } from '../core/cluster.ts';
import { secretText } from '../edge/secret.ts';
import { newPassword, pguserSecret } from './user-secret.ts';

const cluster: Cluster = {
  metadata: { name: 'blue', namespace: 'demo', uid: 'u', generation: 1 },
  spec: { postgresVersion: 15, instances: [{ dataVolumeClaimSpec: {} }] },
};
const credentials = { password: 'a/b:c@d?e#f%g', verifier: 'SCRAM-SHA-256$…' };

const values = (user: Parameters<typeof pguserSecret>[1]): Readonly<Record<string, string>> =>
  secretText({ data: pguserSecret(cluster, user, credentials)['data'] as Record<string, string> });

describe('the Secret of a user', () => {
  it('has the real keys, and a uri that survives any password', () => {
    const secret = values({ name: 'bestie', databases: ['bestie'] });
    expect(Object.keys(secret).sort()).toEqual([
      'dbname',
      'host',
      'jdbc-uri',
      'password',
      'port',
      'uri',
      'user',
      'verifier',
    ]);
    const uri = new URL(secret['uri'] ?? '');
    expect(decodeURIComponent(uri.password)).toBe(credentials.password);
    expect([uri.host, uri.pathname]).toEqual(['blue-primary.demo.svc:5432', '/bestie']);
  });

  it('names no database for the superuser, whatever the spec says', () => {
    expect(Object.keys(values({ name: 'postgres', databases: ['bestie'] })).sort()).toEqual([
      'host',
      'password',
      'port',
      'uri',
      'user',
      'verifier',
    ]);
  });

  it('has a password of its own each time', () => {
    expect(newPassword()).not.toBe(newPassword());
    expect(newPassword()).toHaveLength(24);
  });
});
