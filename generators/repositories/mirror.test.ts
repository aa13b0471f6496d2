import { hash } from 'node:crypto';
import {
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
  readFileSync,
  chmodSync,
  mkdirSync,
  readlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { configSchema, type Config, type RepositoryConfig } from '../config/schema.ts';
import { createMirror, type Mirror } from './mirror.ts';
import { startOrigin, type Origin } from './testing/origin.ts';
import { readTree } from './tree.ts';

// Real git, on a machine that may be busy.
jest.setTimeout(120_000);

let origin: Origin;
let folder: string;
let now: number;
const mirrors: Mirror[] = [];

beforeEach(async () => {
  origin = await startOrigin();
  folder = mkdtempSync(join(tmpdir(), 'mirrors-'));
  now = Date.parse('2026-11-22T10:00:00Z');
});
afterEach(async () => {
  await Promise.all(mirrors.splice(0).map((mirror) => mirror.close()));
  await origin.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Given {
  readonly repository?: Partial<Record<keyof RepositoryConfig, unknown>>;
  readonly limits?: Partial<Config['limits']>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly secret?: () => string;
}

function configOf({ repository, limits }: Given): Config {
  return configSchema.parse({
    apiVersion: 'lifecycle.bestie.com/v1alpha1',
    kind: 'GeneratorConfiguration',
    token: { env: 'TOKEN' },
    repositories: [{ url: origin.url, cluster: 'lab', allowHttp: true, ...repository }],
    limits: limits ?? {},
  });
}

function mirrorOf(given: Given = {}): Mirror {
  const { repositories, limits } = configOf(given);
  const mirror = createMirror({
    repository: repositories[0] as RepositoryConfig,
    limits,
    folder,
    clock: () => new Date(now),
    readSecret: given.secret ?? (() => 'secret'),
    environment: { PATH: process.env['PATH'], ...given.environment },
  });
  mirrors.push(mirror);
  return mirror;
}

const never = (): AbortSignal => new AbortController().signal;
const pathsOf = async (mirror: Mirror, branch = 'main'): Promise<readonly string[]> => {
  const { heads } = await mirror.current(never());
  const tree = await mirror.read('its files', never(), (run) => readTree(run, heads.get(branch) ?? ''));
  return [...tree.keys()];
};
const fetches = (): number => origin.requests.filter((each) => each.endsWith('service=git-upload-pack')).length;

test('a repository is fetched once, and again when it is no longer fresh', async () => {
  await origin.commit({ 'a/lifecycle.yaml': 'a', 'b/other.yaml': 'b' });
  const mirror = mirrorOf();
  expect(await pathsOf(mirror)).toEqual(['a/lifecycle.yaml']);
  await origin.commit({ 'c/lifecycle.yaml': 'c' });
  expect(await pathsOf(mirror)).toEqual(['a/lifecycle.yaml']);
  now += 11_000;
  expect(await pathsOf(mirror)).toEqual(['a/lifecycle.yaml', 'c/lifecycle.yaml']);
});

test('one fetch for many calls', async () => {
  await origin.commit({ 'a/lifecycle.yaml': 'a' });
  const mirror = mirrorOf();
  await Promise.all(Array.from({ length: 50 }, () => mirror.current(never())));
  expect(fetches()).toBe(2); // The question for the heads, and the fetch.
});

describe('a push', () => {
  test('makes the next call wait for a fetch that begins after it, and a hundred of them ask once', async () => {
    await origin.commit({ 'a/lifecycle.yaml': 'a' });
    const mirror = mirrorOf();
    await mirror.current(never());
    const held = Promise.withResolvers<undefined>();
    const asked = Promise.withResolvers<undefined>();
    // The fetch that runs has seen the heads before the push.
    const old = await origin.git('rev-parse', 'HEAD');
    now += 11_000;
    origin.fault = (_, response) => {
      origin.fault = undefined;
      asked.resolve(undefined);
      void held.promise.then(() => response.destroy());
      return true;
    };
    const first = mirror.current(never());
    await asked.promise;
    const commit = await origin.commit({ 'b/lifecycle.yaml': 'b' });
    const before = fetches();
    for (let push = 0; push < 100; push++) mirror.pushed();
    const second = mirror.current(never());
    held.resolve(undefined);
    expect((await first).heads.get('main')).toBe(old);
    expect((await second).heads.get('main')).toBe(commit);
    expect(fetches() - before).toBe(2);
  });
});

describe('branches', () => {
  test('only those of the configuration, by names that hinder each other, and gone ones are not among the heads', async () => {
    const a = await origin.commit({ 'a/lifecycle.yaml': 'a' });
    await origin.push('release');
    const mirror = mirrorOf({
      repository: { revisions: ['main', 'release', 'release/1'] },
      limits: { freshSeconds: 0 },
    });
    expect([...(await mirror.current(never())).heads]).toEqual([
      ['main', a],
      ['release', a],
    ]);
    await origin.git('push', '-q', origin.bare, ':refs/heads/release');
    await origin.git('push', '-q', origin.bare, 'HEAD:refs/heads/release/1', 'HEAD:refs/heads/else');
    expect([...(await mirror.current(never())).heads.keys()]).toEqual(['main', 'release/1']);
    await origin.git('push', '-q', origin.bare, ':refs/heads/main', ':refs/heads/release/1', ':refs/heads/else');
    expect([...(await mirror.current(never())).heads.keys()]).toEqual([]);
  });

  test('a branch that was rewritten is the new one', async () => {
    await origin.commit({ 'a/lifecycle.yaml': 'a' });
    const mirror = mirrorOf({ limits: { freshSeconds: 0 } });
    await mirror.current(never());
    await origin.git('checkout', '-q', '--orphan', 'again');
    const commit = await origin.commit({ 'a/lifecycle.yaml': undefined, 'z/lifecycle.yaml': 'z' });
    expect((await mirror.current(never())).heads.get('main')).toBe(commit);
    expect(await pathsOf(mirror)).toEqual(['z/lifecycle.yaml']);
  });
});

describe('what goes wrong on the way', () => {
  const answers = (status: number, headers: Readonly<Record<string, string>> = {}): Origin['fault'] => {
    return (_, response) => {
      response.writeHead(status, headers).end('the secret is hunter2');
      return true;
    };
  };
  const failing = async (mirror: Mirror): Promise<string> =>
    await mirror.current(never()).then(
      () => 'no failure',
      (error: unknown) => String(error instanceof Error ? error.message : error),
    );

  test.each([
    [401, /^generator-credentials-refused: .*refuses them/],
    [403, /^generator-credentials-refused: .*refuses them/],
    [404, /^generator-fetch-failed: .*no such repository/],
    [500, /^generator-fetch-failed: .*5xx/],
  ])('an answer of %d, with nothing known', async (status, expected) => {
    await origin.commit({ 'a/lifecycle.yaml': 'a' });
    origin.fault = answers(status);
    const mirror = mirrorOf();
    const text = await failing(mirror);
    expect(text).toMatch(expected);
    expect(text).not.toContain('hunter2');
    origin.fault = undefined;
    expect(await pathsOf(mirror)).toEqual(['a/lifecycle.yaml']);
  });

  test('a page in the place of an answer is a repository without branches, never one with others', async () => {
    await origin.commit({ 'a/lifecycle.yaml': 'a' });
    origin.fault = answers(200, { 'content-type': 'text/html' });
    expect([...(await mirrorOf().current(never())).heads]).toEqual([]);
  });

  test('a redirect is not followed, and nothing is sent there', async () => {
    const other = await startOrigin();
    try {
      await other.commit({ 'a/lifecycle.yaml': 'a' });
      origin.fault = answers(302, { location: `${other.url}/info/refs?service=git-upload-pack` });
      expect(await failing(mirrorOf())).toMatch(/redirects elsewhere/);
      expect(other.requests).toEqual([]);
    } finally {
      await other.close();
    }
  });

  test('a server that never answers: the deadline holds, and no process stays', async () => {
    let seen: readonly string[] = [];
    origin.fault = () => {
      seen = processesIn(folder);
      return true;
    };
    expect(await failing(mirrorOf({ limits: { fetchSeconds: 1 } }))).toMatch(
      /longer than limits.fetchSeconds|cannot be reached/,
    );
    expect(seen).not.toEqual([]);
    while (processesIn(folder).length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
  });

  test('a caller who leaves does not end the fetch of the others', async () => {
    const commit = await origin.commit({ 'a/lifecycle.yaml': 'a' });
    const mirror = mirrorOf();
    const leaving = new AbortController();
    const first = mirror.current(leaving.signal);
    const second = mirror.current(never());
    leaving.abort();
    await expect(first).rejects.toThrow('generator-busy');
    expect((await second).heads.get('main')).toBe(commit);
  });

  test('with something known, that is the answer while it is recent enough', async () => {
    const commit = await origin.commit({ 'a/lifecycle.yaml': 'a' });
    const mirror = mirrorOf({ limits: { staleSeconds: 3600 } });
    await mirror.current(never());
    origin.fault = answers(500);
    now += 3_599_000;
    expect((await mirror.current(never())).heads.get('main')).toBe(commit);
    expect(mirror.failure()?.message).toMatch(/5xx/);
    now += 2000;
    expect(await failing(mirror)).toMatch(/5xx/);
    now += 10_000;
    origin.fault = undefined;
    expect((await mirror.current(never())).heads.get('main')).toBe(commit);
    expect(mirror.failure()).toBeUndefined();
  });

  test('credentials that are refused are no time for what was known', async () => {
    await origin.commit({ 'a/lifecycle.yaml': 'a' });
    const mirror = mirrorOf({ limits: { freshSeconds: 0 } });
    await mirror.current(never());
    origin.fault = answers(401);
    expect(await failing(mirror)).toMatch(/^generator-credentials-refused/);
  });

  test('a pack that breaks off: what was known stays whole, and the next fetch brings the rest', async () => {
    await origin.commit({ 'a/lifecycle.yaml': 'a' });
    const mirror = mirrorOf({ limits: { freshSeconds: 0 } });
    await mirror.current(never());
    await origin.commit({ 'b/lifecycle.yaml': 'b'.repeat(5000), 'c/random': randomText(50_000) });
    origin.cut = (body) => (body.length > 10_000 ? body.subarray(0, 10_000) : body);
    expect(await pathsOf(mirror)).toEqual(['a/lifecycle.yaml']);
    expect(mirror.failure()?.message).toMatch(/broke off/);
    origin.cut = undefined;
    expect(await pathsOf(mirror)).toEqual(['a/lifecycle.yaml', 'b/lifecycle.yaml']);
    expect(readdirSync(folder)).toHaveLength(1);
    expect(filesIn(folder).filter((name) => name.includes('tmp_'))).toEqual([]);
  });

  test('a pack with a flipped bit', async () => {
    await origin.commit({ 'a/lifecycle.yaml': randomText(50_000) });
    origin.cut = (body) => {
      if (body.length > 10_000) body[body.length >> 1] = (body[body.length >> 1] ?? 0) ^ 1;
      return body;
    };
    const mirror = mirrorOf();
    expect(await failing(mirror)).toMatch(/^generator-(fetch-failed|repository-unreadable)/);
    expect(readdirSync(folder)).toEqual([]);
    origin.cut = undefined;
    expect(await pathsOf(mirror)).toEqual(['a/lifecycle.yaml']);
  });

  test('more bytes than are allowed: ended, removed, and none of it known', async () => {
    await origin.commit({ 'a/lifecycle.yaml': 'a', big: randomText(2_000_000) });
    const mirror = mirrorOf({ limits: { repositoryBytes: 1_048_576 } });
    expect(await failing(mirror)).toMatch(/^generator-over-limits: .*repositoryBytes/);
    expect(mirror.known()).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('an http repository needs to be allowed', async () => {
    expect(await failing(mirrorOf({ repository: { allowHttp: false } }))).toMatch(/allowHttp/);
    expect(origin.requests).toEqual([]);
  });
});

describe('credentials', () => {
  const wants = (password: string): void => {
    origin.fault = ({ headers }, response) => {
      if (headers.authorization === `Basic ${Buffer.from(`reader:${password}`).toString('base64')}`) return false;
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      return true;
    };
  };

  test('are read for every fetch, and stand in no argument, file or message', async () => {
    await origin.commit({ 'a/lifecycle.yaml': 'a' });
    const log = join(folder, '../arguments-of-git');
    const programs = wrapGit(`echo "$@" >> ${log}`);
    let password = 'first-word';
    wants('first-word');
    const repository = { credentials: { username: 'reader', password: { env: 'PASSWORD' } } };
    const mirror = mirrorOf({
      repository,
      limits: { freshSeconds: 0 },
      secret: () => password,
      environment: { PATH: `${programs}:${process.env['PATH'] ?? ''}` },
    });
    expect(await pathsOf(mirror)).toEqual(['a/lifecycle.yaml']);
    wants('second-word');
    await expect(mirror.current(never())).rejects.toThrow(/^generator-credentials-refused: (?!.*word)/);
    password = 'second-word';
    await origin.commit({ 'b/lifecycle.yaml': 'b' });
    expect(await pathsOf(mirror)).toEqual(['a/lifecycle.yaml', 'b/lifecycle.yaml']);
    const everything = [log, ...filesIn(folder).map((name) => join(folder, name))].map((file) => readFileSync(file));
    expect(everything.length).toBeGreaterThan(5);
    expect(everything.filter((text) => /-word|cmVhZGVy/.test(text.toString('latin1')))).toEqual([]);
    rmSync(log);
    rmSync(programs, { recursive: true });
  });

  test('an ssh key is there for the fetch only, for its owner only', async () => {
    await origin.commit({ 'a/lifecycle.yaml': 'a' });
    const seen = join(folder, '../seen-by-ssh');
    const programs = mkdtempSync(join(tmpdir(), 'programs-'));
    writeFileSync(
      join(programs, 'ssh'),
      `#!/bin/sh\n{ echo "$@"; stat -c '%a' ssh/key; cat ssh/key ssh/known_hosts ssh/config; } > ${seen}\nfor last; do :; done\nexec sh -c "$last"\n`,
    );
    chmodSync(join(programs, 'ssh'), 0o755);
    const knownHosts = join(programs, 'known_hosts');
    writeFileSync(knownHosts, 'host ssh-ed25519 AAAA\n');
    const mirror = mirrorOf({
      repository: { url: `git@127.0.0.1:${origin.bare}`, credentials: { sshKey: { env: 'KEY' }, knownHosts } },
      secret: () => 'the key',
      environment: { PATH: `${programs}:${process.env['PATH'] ?? ''}` },
    });
    expect(await pathsOf(mirror)).toEqual(['a/lifecycle.yaml']);
    const text = readFileSync(seen, 'utf8');
    expect(text).toMatch(/^-F \.\/ssh\/config .*git@127\.0\.0\.1 git-upload-pack/);
    expect(text).toContain('600\nthe key\nhost ssh-ed25519 AAAA\n');
    expect(text).toContain('StrictHostKeyChecking yes');
    expect(filesIn(folder).filter((name) => name.includes('ssh'))).toEqual([]);
    rmSync(seen);
    rmSync(programs, { recursive: true });
  });
});

describe('heads of pull requests', () => {
  const pull = async (files: Record<string, string>, ref: string): Promise<string> => {
    await origin.git('checkout', '-q', '-B', 'pull', 'main');
    const head = await origin.commit(files, 'pull');
    await origin.git('push', '-q', origin.bare, `HEAD:${ref}`, ':refs/heads/pull');
    await origin.git('checkout', '-q', 'main');
    return head;
  };
  const fileAt = async (mirror: Mirror, commit: string): Promise<string> =>
    await mirror.kept.read('a file', never(), async (run) =>
      (await run(['cat-file', 'blob', `${commit}:p/lifecycle.yaml`])).toString(),
    );

  test('one that is too large is refused by itself, and harms no branch; those before it come again', async () => {
    await origin.commit({ 'a/lifecycle.yaml': 'a' });
    const small = await pull({ 'p/lifecycle.yaml': 'p', some: randomText(200_000, 'some') }, 'refs/pull/1/head');
    const large = await pull({ 'p/lifecycle.yaml': 'p', big: randomText(1_500_000, 'big') }, 'refs/pull/2/head');
    const mirror = mirrorOf({ limits: { freshSeconds: 0, repositoryBytes: 1_048_576 } });
    await mirror.current(never());
    const [own] = readdirSync(folder);
    expect(await mirror.kept.fetch(small, 'refs/pull/1/head', never())).toBe(true);
    await expect(mirror.kept.fetch(large, 'refs/pull/2/head', never())).rejects.toThrow(/^generator-over-limits/);
    await origin.commit({ 'b/lifecycle.yaml': 'b' });
    expect(await pathsOf(mirror)).toEqual(['a/lifecycle.yaml', 'b/lifecycle.yaml']);
    expect(await mirror.kept.fetch(small, 'refs/pull/1/head', never())).toBe(true);
    expect(await fileAt(mirror, small)).toBe('p');
    // Another one for which there is no more room beside it has the room to itself.
    const next = await pull({ 'p/lifecycle.yaml': 'q', other: randomText(200_000, 'other') }, 'refs/pull/3/head');
    expect(await mirror.kept.fetch(next, 'refs/pull/3/head', never())).toBe(true);
    expect(await fileAt(mirror, next)).toBe('q');
    await expect(fileAt(mirror, small)).rejects.toThrow(/^generator-repository-unreadable/);
    const at = { commit: small, ref: 'refs/pull/1/head' };
    const typeOf = (): Promise<Buffer> =>
      mirror.kept.read('a file', never(), (run) => run(['cat-file', '-t', small]), at);
    expect(await typeOf()).toHaveLength(7);
    await expect(mirror.kept.fetch(large, 'refs/pull/2/head', never())).rejects.toThrow(/^generator-over-limits/);
    expect(await typeOf()).toHaveLength(7);
    // The mirror is the same: it was not taken for damaged.
    expect(readdirSync(folder)).toContain(own);
    await mirror.close();
    expect(readdirSync(folder)).toHaveLength(2);
    await mirrorOf().current(never());
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test('are still read where the mirror was made anew, once they were fetched again', async () => {
    await origin.commit({ 'a/lifecycle.yaml': 'a' });
    const head = await pull({ 'p/lifecycle.yaml': 'p' }, 'refs/pull/1/head');
    const mirror = mirrorOf({ limits: { freshSeconds: 0 } });
    await mirror.current(never());
    expect(await mirror.kept.fetch(head, 'refs/pull/1/head', never())).toBe(true);
    for (const file of filesIn(folder).filter((each) => each.endsWith('.pack'))) rmSync(join(folder, file));
    await expect(mirror.read('all', never(), (run) => run(['ls-tree', '-r', 'HEAD']))).rejects.toThrow('generator-');
    await origin.commit({ 'b/lifecycle.yaml': 'b' });
    expect(await pathsOf(mirror)).toHaveLength(2);
    expect(await mirror.kept.fetch(head, 'refs/pull/1/head', never())).toBe(true);
    expect(await fileAt(mirror, head)).toBe('p');
  });

  test('stay where the server fails', async () => {
    await origin.commit({ 'a/lifecycle.yaml': 'a' });
    const [one, two] = [
      await pull({ 'p/lifecycle.yaml': '1' }, 'refs/pull/1/head'),
      await pull({ 'p/lifecycle.yaml': '2' }, 'refs/pull/2/head'),
    ];
    const mirror = mirrorOf();
    await mirror.current(never());
    expect(await mirror.kept.fetch(one, 'refs/pull/1/head', never())).toBe(true);
    origin.fault = (_, response) => {
      response.writeHead(500).end();
      return true;
    };
    await expect(mirror.kept.fetch(two, 'refs/pull/2/head', never())).rejects.toThrow(/^generator-fetch-failed/);
    expect(await mirror.kept.fetch(one, 'refs/pull/1/head', never())).toBe(true);
    expect(await fileAt(mirror, one)).toBe('1');
  });

  test('what a branch does not have any more is no reason why it has too much', async () => {
    const first = await origin.commit({ 'a/lifecycle.yaml': 'a' });
    const mirror = mirrorOf({ limits: { freshSeconds: 0, repositoryBytes: 1_048_576 } });
    for (let round = 0; round < 3; round++) {
      await origin.git('reset', '-q', '--hard', first);
      const commit = await origin.commit({
        big: randomText(600_000, String(round)),
        'a/lifecycle.yaml': String(round),
      });
      expect((await mirror.current(never())).heads.get('main')).toBe(commit);
      now += 61_000;
    }
  });
});

describe('what a process before this one has left', () => {
  test('is known at once, and what a killed git left in it does not stop a fetch', async () => {
    const commit = await origin.commit({ 'a/lifecycle.yaml': 'a' });
    await mirrorOf().current(never());
    const at = join(folder, readdirSync(folder)[0] ?? '');
    const left = ['packed-refs.lock', 'config.lock', 'refs/mirror/x.lock', 'objects/pack/tmp_pack_abc', 'gc.pid'];
    for (const name of left) writeFileSync(join(at, name), 'left');
    mkdirSync(join(folder, `${at.slice(folder.length + 1).split('.')[0] ?? ''}.000000000000.git`));
    origin.fault = (_, response) => {
      response.writeHead(500).end();
      return true;
    };
    const again = mirrorOf();
    expect((await again.current(never())).heads.get('main')).toBe(commit);
    origin.fault = undefined;
    now += 11_000;
    const next = await origin.commit({ 'b/lifecycle.yaml': 'b' });
    expect((await again.current(never())).heads.get('main')).toBe(next);
    expect(readdirSync(folder)).toHaveLength(1);
    for (const name of left) expect(filesIn(at)).not.toContain(name);
  });

  test('a git that is killed in the middle of the first fetch leaves nothing that counts', async () => {
    await origin.commit({ 'a/lifecycle.yaml': randomText(200_000) });
    const programs = wrapGit('case "$*" in *fetch*) "$REAL" "$@" & sleep 0.05; kill -9 $!; kill -9 $$;; esac');
    const killed = mirrorOf({ environment: { PATH: `${programs}:${process.env['PATH'] ?? ''}` } });
    await expect(killed.current(never())).rejects.toThrow(/^generator-/);
    rmSync(programs, { recursive: true });
    expect(await pathsOf(mirrorOf())).toEqual(['a/lifecycle.yaml']);
  });
});

describe('a mirror that is damaged', () => {
  const damage = (name: RegExp, content: string): void => {
    for (const file of filesIn(folder).filter((each) => name.test(each))) {
      chmodSync(join(folder, file), 0o644);
      writeFileSync(join(folder, file), content);
    }
  };

  test.each([
    ['its objects are gone', /\.pack$/, ''],
    ['its objects are something else', /\.(pack|idx)$/, 'x'.repeat(5000)],
    ['its refs are', /refs\/mirror\//, 'nothing'],
  ])('%s: it is made anew by itself', async (_, name, content) => {
    await origin.commit({ 'a/lifecycle.yaml': 'a' });
    const mirror = mirrorOf({ limits: { freshSeconds: 0 } });
    await mirror.current(never());
    damage(name, content);
    await origin.commit({ 'b/lifecycle.yaml': 'b' });
    expect(await pathsOf(mirror)).toEqual(['a/lifecycle.yaml', 'b/lifecycle.yaml']);
    await mirror.close();
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test('while it is read: an error, and whole at the next reading', async () => {
    await origin.commit({ 'a/lifecycle.yaml': 'a' });
    const mirror = mirrorOf();
    await mirror.current(never());
    damage(/\.(pack|idx)$/, '');
    await expect(pathsOf(mirror)).rejects.toThrow(/^generator-repository-unreadable/);
    expect(await pathsOf(mirror)).toEqual(['a/lifecycle.yaml']);
  });

  test('a list that is cut off by a git that dies is no list', async () => {
    await origin.commit({ 'a/lifecycle.yaml': 'a', 'b/lifecycle.yaml': 'b' });
    const programs = wrapGit('case "$*" in *ls-tree*) "$REAL" "$@" | head -c 70; kill -9 $$;; esac');
    const mirror = mirrorOf({ environment: { PATH: `${programs}:${process.env['PATH'] ?? ''}` } });
    await expect(pathsOf(mirror)).rejects.toThrow(/^generator-repository-unreadable/);
    rmSync(programs, { recursive: true });
  });
});

test('a disk that is full says so, and what was known stays', async () => {
  const commit = await origin.commit({ 'a/lifecycle.yaml': 'a' });
  const mirror = mirrorOf({ limits: { freshSeconds: 0 } });
  await mirror.current(never());
  await mirror.close();
  // No file may grow beyond 20 KiB: what the disk refuses, git reports as it does for a full one.
  const programs = wrapGit('case "$*" in *fetch*) trap "" XFSZ; ulimit -f 20;; esac');
  const small = mirrorOf({
    limits: { freshSeconds: 0 },
    environment: { PATH: `${programs}:${process.env['PATH'] ?? ''}` },
  });
  await origin.commit({ 'b/lifecycle.yaml': randomText(200_000) });
  expect((await small.current(never())).heads.get('main')).toBe(commit);
  expect(small.failure()?.message).toMatch(/^generator-repository-unreadable: .*disk of the generator is full/);
  rmSync(programs, { recursive: true });
});

/** A folder with a `git` that first does this. */
function wrapGit(first: string): string {
  const programs = mkdtempSync(join(tmpdir(), 'programs-'));
  const real = (process.env['PATH'] ?? '').split(':').find((each) => filesAt(each).includes('git')) ?? '/usr/bin';
  writeFileSync(join(programs, 'git'), `#!/bin/bash\nREAL=${real}/git\n${first}\nexec "$REAL" "$@"\n`);
  chmodSync(join(programs, 'git'), 0o755);
  return programs;
}

function filesAt(at: string): readonly string[] {
  try {
    return readdirSync(at);
  } catch {
    return [];
  }
}

const filesIn = (at: string): readonly string[] =>
  readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(at.length + 1));

/** Processes whose folder is one of the mirrors. */
function processesIn(at: string): readonly string[] {
  return filesAt('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`).includes(at);
    } catch {
      return false;
    }
  });
}

/** Text that hardly compresses, the same at every run. */
const randomText = (length: number, seed = ''): string =>
  Array.from({ length: Math.ceil(length / 64) }, (_, index) => hash('sha512', `${seed}${index}`, 'base64').slice(0, 64))
    .join('')
    .slice(0, length);
