import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { EXIT } from '../errors/errors.ts';
import type { Status } from '../lifecycle/status.ts';
import type { Lifecycles } from '../cluster/lifecycles.ts';
import type { PodHost } from '../cluster/database-host.ts';
import type { Io } from './io.ts';
import { restorable } from './restorable.ts';

/** Real output of pgBackRest 2.45, shortened; the real container is asked in the lab. */
const FILE = join(import.meta.dirname, '../../test/golden/at-rest/repo/lifecycle.yaml');
const AT = Date.parse('2026-11-22T12:00:00Z') * 1000;
const INFO = [
  {
    name: 'db',
    status: { message: 'ok' },
    db: [{ id: 1 }],
    archive: [{ id: '15-1', database: { id: 1 } }],
    backup: [
      {
        label: '20261122-010000F',
        type: 'full',
        error: false,
        timestamp: {
          start: Date.parse('2026-11-22T01:00:00Z') / 1000,
          stop: Date.parse('2026-11-22T01:05:00Z') / 1000,
        },
        archive: { start: '000000010000000000000002', stop: '000000010000000000000002' },
        lsn: { stop: '0/2000100' },
        database: { id: 1 },
      },
    ],
  },
];
const SUM = '0'.repeat(40);
const LIST = ['2', '3', '5'].map((segment) => `15-1/0000000100000000/00000001000000000000000${segment}-${SUM}.gz`);

/** A container whose pgBackRest knows one repository. */
const host = ({ failed = false, stuck = false } = {}): PodHost => ({
  row: () => Promise.resolve(['000000010000000000000006', stuck ? 't' : 'f', String(AT)]),
  segmentBytes: () => Promise.resolve(16 * 1024 * 1024),
  run: (commands) => {
    const [words = []] = commands('/tmp/x');
    const stdout = words.includes('info') ? JSON.stringify(INFO) : LIST.join('\n');
    return Promise.resolve(failed ? { failed, stdout: '', stderr: 'no such bucket' } : { failed, stdout, stderr: '' });
  },
});

async function run(
  status: Status,
  of: PodHost,
  output: 'table' | 'json' = 'json',
): Promise<{ exit: number; text: string }> {
  const file = parse(readFileSync(FILE, 'utf8')) as { metadata: object };
  const object = { ...file, metadata: { ...file.metadata, namespace: 'shop' }, status };
  const lifecycles: Lifecycles = {
    namespace: 'shop',
    names: () => Promise.resolve(['bestie']),
    get: () => Promise.resolve(object),
    databaseHost: () => Promise.resolve(of),
  };
  const out: string[] = [];
  const io: Io = {
    env: {},
    cwd: '.',
    now: () => new Date(),
    out: (text) => out.push(text),
    live: () => undefined,
    err: () => undefined,
    colours: false,
    terminal: false,
    repository: () => Promise.reject(new Error('nobody asks for one')),
    connect: () => Promise.resolve(lifecycles),
  };
  return { exit: await restorable(io, undefined, { output }), text: out.join('') };
}

const repositories = (text: string): readonly { readonly name: string }[] =>
  (JSON.parse(text) as { repositories: readonly { readonly name: string }[] }).repositories;

test('the moments and the labels of every repository, with what the archive lacks', async () => {
  const { exit, text } = await run({}, host());
  expect(exit).toBe(EXIT.ok);
  expect(repositories(text).length).toBeGreaterThan(0);
  expect(repositories(text)[0]).toEqual({
    name: 'repo1',
    // 4 is missing: surely to where the backup ended, and nothing is known behind it.
    ranges: [{ from: '2026-11-22T01:05:01Z', to: '2026-11-22T01:05:01Z', gap: '000000010000000000000004' }],
    backups: [
      {
        label: '20261122-010000F',
        type: 'full',
        startedAt: '2026-11-22T01:00:00Z',
        stoppedAt: '2026-11-22T01:05:00Z',
        damaged: false,
      },
    ],
  });
});

test('a server that cannot archive: nothing that it wrote since can be restored', async () => {
  expect(JSON.parse((await run({}, host({ stuck: true }))).text)).toMatchObject({
    archivedUntil: '2026-11-22T12:00:00Z',
  });
  expect((await run({}, host({ stuck: true }), 'table')).text).toContain(
    'since 2026-11-22T12:00:00Z is in no repository',
  );
});

test('restores that can be undone', async () => {
  const restore = {
    id: 'r1',
    digest: 'a',
    instance: 'bestie',
    repository: 'repo1',
    target: 'latest',
    state: 'Restored',
    requestedAt: '2026-11-22T10:00:00Z',
    startedAt: '2026-11-22T10:01:00Z',
    recovery: { label: '20261122-010000F', timeline: 1, options: [] },
    before: { point: 'before-r1', lsn: '0/3000000', timeline: 1, at: '2026-11-22T10:00:30Z' },
  } as const;
  const status: Status = { restores: [{ ...restore, recovery: { ...restore.recovery, options: [] } }] };
  expect(JSON.parse((await run(status, host())).text)).toMatchObject({
    undo: [{ id: 'r1', until: '2026-11-22T10:00:30Z' }],
  });
  const { text } = await run(status, host(), 'table');
  expect(text).toContain('target: { undo: r1 } brings back what was there until 2026-11-22T10:00:30Z');
  expect(text).toContain('20261122-010000F');
});

test('a repository that does not answer is said, with an exit code, and hides no other', async () => {
  const { exit, text } = await run({}, host({ failed: true }));
  expect(exit).toBe(EXIT.problems);
  expect(repositories(text)[0]).toMatchObject({
    name: 'repo1',
    ranges: [],
    problem: expect.stringContaining('restore-repository-unreadable: repo1: pgbackrest info: no such bucket'),
  });
});
