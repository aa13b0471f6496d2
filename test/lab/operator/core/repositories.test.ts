import { describe, expect, it } from '@jest/globals';
import type { RepositorySpec, Status } from './cluster.ts';
import { decide } from './decide.ts';
import type { Decision, Wanted } from './decision.ts';
import { BACKUP } from './names.ts';
import type { JobFacts, Observed } from './observed.ts';

const S3: RepositorySpec = { name: 'repo1', s3: { bucket: 'backups', endpoint: 's3.example.com', region: 'eu' } };
const VOLUME: RepositorySpec = { name: 'repo2', volume: { volumeClaimSpec: {} } };

/** A pass over a cluster whose only instance takes writes. */
function pass(repos: readonly RepositorySpec[], status: Status, facts: Partial<Observed> = {}): Decision {
  const pod = { name: 'one-0', ip: '10.0.0.1', ready: true, running: true, terminating: false, updated: true } as const;
  return decide({
    now: 'now',
    cluster: {
      metadata: { name: 'blue', namespace: 'demo', uid: 'u', generation: 1, annotations: { [BACKUP]: 'b1' } },
      spec: {
        postgresVersion: 15,
        instances: [{ name: 'set1', dataVolumeClaimSpec: {} }],
        backups: { pgbackrest: { repos, manual: { repoName: 'repo1' } } },
      },
      status,
    },
    instances: [{ name: 'one', set: 'set1', runner: true, pod: { ...pod, role: 'master', configuration: 'c' } }],
    leadership: { exists: true, leader: 'one', address: '10.0.0.1', systemIdentifier: '7', released: false },
    repoVolumes: new Set(),
    stanzas: {},
    configuration: 'c',
    ...facts,
  });
}

const wants = ({ wanted }: Decision): readonly Wanted['want'][] => wanted.map(({ want }) => want);
const complete = (name: string, id?: string): JobFacts => ({
  name,
  outcome: 'complete',
  active: 0,
  succeeded: 1,
  failed: 0,
  ...(id === undefined ? {} : { id }),
});

describe('a cluster with a repository in S3 only', () => {
  it('has no repository host, and backups all the same', () => {
    const first = pass([S3], {});
    expect(wants(first)).toContain('create-stanzas');
    expect(wants(first)).not.toContain('repository-host');
    const created = pass([S3], first.status, { stanzas: { repo1: 'created' } });
    expect(created.wanted).toContainEqual(expect.objectContaining({ want: 'backup-job', purpose: 'replica-create' }));
    const backedUp = pass([S3], created.status, { initialBackupJob: complete('first') });
    expect(backedUp.wanted).toContainEqual(
      expect.objectContaining({ want: 'backup-job', purpose: 'manual', id: 'b1' }),
    );
    expect(backedUp.status.pgbackrest).not.toHaveProperty('repoHost');
    expect(backedUp.status.conditions?.map(({ type }) => type)).toEqual([
      'PGBackRestReplicaRepoReady',
      'PGBackRestReplicaCreate',
    ]);
  });

  it('gets stanza and first backup anew when it moves', () => {
    const { status } = pass([S3], {}, { stanzas: { repo1: 'created' } });
    expect(status.pgbackrest?.repos?.[0]?.stanzaCreated).toBe(true);
    const moved = pass([{ ...S3, s3: { bucket: 'others', endpoint: 's3.example.com', region: 'eu' } }], status);
    expect(moved.status.pgbackrest?.repos?.[0]?.stanzaCreated).toBe(false);
    expect(wants(moved)).toContain('create-stanzas');
  });
});

it('a volume beside S3 has a repository host, and every stanza waits for it', () => {
  const first = pass([S3, VOLUME], {});
  expect(wants(first)).toContain('repository-host');
  expect(wants(first)).not.toContain('create-stanzas');
  expect(wants(pass([S3, VOLUME], first.status, { repoHost: { ready: false } }))).not.toContain('create-stanzas');
  expect(wants(pass([S3, VOLUME], first.status, { repoHost: { ready: true } }))).toContain('create-stanzas');
});
