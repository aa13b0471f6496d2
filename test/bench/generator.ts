import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import Table from 'cli-table3';
import { execa } from 'execa';
import { configSchema } from '../../generators/config/schema.ts';
import { createInventory } from '../../generators/lifecycles/inventory.ts';
import { lifecycleText } from '../../generators/lifecycles/testing/lifecycle-text.ts';
import { startOrigin } from '../../generators/repositories/testing/origin.ts';

/**
 * The generator's inventory over a repository with very many lifecycle files, served by real git over HTTP: cold in a new process whose
 * mirror is there, after a commit that changes one file, with nothing changed, and with many callers at once.
 * Usage: generator.ts [FILES], default 10000, five in a folder's subfolders.
 */
const FILES = Number(process.argv[2] ?? '10000');
const IN_FOLDER = 5;
const COLD = 5;
const CHANGES = 60;
const UNCHANGED = 200;
const CALLERS = 50;

interface Figures {
  readonly cold: number;
  readonly changes: number[];
  readonly changesWithFetch: number[];
  readonly unchanged: number[];
  readonly callers: number;
  /** MiB */
  readonly rss: number;
  readonly files: number;
}

const pathOf = (index: number): string => `team-${Math.floor(index / IN_FOLDER)}/db-${index}/lifecycle.yaml`;
const textOf = (index: number, version = '1.0'): string =>
  lifecycleText(`db-${index}`, { version, ...(index % 2 === 0 && { bucket: `backups-${index}` }) });

async function child(folder: string, url: string, mode: string): Promise<void> {
  const config = configSchema.parse({
    apiVersion: 'lifecycle.bestie.com/v1alpha1',
    kind: 'GeneratorConfiguration',
    token: { env: 'TOKEN' },
    repositories: [{ url, cluster: 'lab', allowHttp: true }],
    limits: { freshSeconds: 3600, requestSeconds: 120, files: 1_000_000 },
  });
  const inventory = createInventory({
    config,
    folder,
    approvals: undefined,
    clock: () => new Date(),
    readSecret: () => '',
    environment: process.env,
    log: { warn: (_, message) => process.stderr.write(`${message}\n`) },
  });
  const repository = config.repositories[0];
  if (!repository) throw new Error('no repository');
  const asked = { repoURL: url, revision: 'main', paths: [], values: {} };
  const call = async (): Promise<number> => (await inventory.parameters(asked, new AbortController().signal)).length;
  const timed = async (action: () => Promise<unknown>): Promise<number> => {
    const start = performance.now();
    await action();
    return performance.now() - start;
  };
  let files = 0;
  const cold = await timed(async () => (files = await call()));
  const changes: number[] = [];
  const changesWithFetch: number[] = [];
  const unchanged: number[] = [];
  let callers = 0;
  if (mode === 'all') {
    for (let turn = 0; turn < UNCHANGED; turn++) unchanged.push(await timed(call));
    const fetchedAt = (): number | undefined => inventory.view()[0]?.fetchedAt?.getTime();
    for (let turn = 0; turn < CHANGES; turn++) {
      await commit(2 * turn);
      const before = fetchedAt();
      inventory.pushed(repository);
      // Seldom: the view is made of all files.
      while (fetchedAt() === before) await new Promise((next) => setTimeout(next, 100));
      changes.push(await timed(call));
      await commit(2 * turn + 1);
      inventory.pushed(repository);
      changesWithFetch.push(await timed(call));
    }
    await commit(2 * CHANGES);
    inventory.pushed(repository);
    callers = await timed(() => Promise.all(Array.from({ length: CALLERS }, call)));
  }
  const rss = process.resourceUsage().maxRSS / 1024;
  const figures: Figures = { cold, changes, changesWithFetch, unchanged, callers, rss, files };
  process.send?.({ figures });
  await inventory.close();
  process.disconnect();
}

function commit(turn: number): Promise<void> {
  return new Promise((resolve) => {
    process.once('message', () => {
      resolve();
    });
    process.send?.({ commit: turn });
  });
}

async function parent(): Promise<void> {
  const origin = await startOrigin();
  const folder = mkdtempSync(join(tmpdir(), 'lifecycle-bench-'));
  try {
    await fill(origin.bare);
    const run = (mode: string): Promise<Figures> => {
      const process_ = fork(import.meta.filename, ['child'], {
        env: { ...process.env, FOLDER: folder, URL: origin.url, MODE: mode },
      });
      return figuresOf(process_, (turn) => change(origin.bare, turn));
    };
    const withClone = await run('cold');
    const colds: Figures[] = [];
    for (let turn = 0; turn < COLD; turn++) colds.push(await run('cold'));
    const all = await run('all');
    if (all.files !== FILES) throw new Error(`${all.files} parameter sets for ${FILES} files`);
    print(withClone, colds, all);
  } finally {
    await origin.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function figuresOf(process_: ChildProcess, onCommit: (turn: number) => Promise<void>): Promise<Figures> {
  return new Promise((resolve, reject) => {
    process_.on('message', (message: { readonly commit?: number; readonly figures?: Figures }) => {
      if (message.figures) resolve(message.figures);
      else if (message.commit !== undefined) onCommit(message.commit).then(() => process_.send('done'), reject);
    });
    process_.on('exit', (code) => {
      reject(new Error(`the process ended with ${String(code)}`));
    });
  });
}

const AUTHOR = 'committer A <a@example.com>';
const blob = (path: string, text: string): string =>
  `M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`;

async function fill(bare: string): Promise<void> {
  const files = Array.from({ length: FILES }, (_, index) => blob(pathOf(index), textOf(index))).join('');
  await importInto(bare, `commit refs/heads/main\n${AUTHOR} 1790000000 +0000\ndata 4\nall\n\n${files}`);
}

/** One file, another one at each turn. */
async function change(bare: string, turn: number): Promise<void> {
  const index = (turn * 7919) % FILES;
  const text = blob(pathOf(index), textOf(index, `2.${turn}`));
  const head = `${AUTHOR} ${1_790_000_001 + turn} +0000\ndata 4\none\n\nfrom refs/heads/main^0\n`;
  await importInto(bare, `commit refs/heads/main\n${head}${text}`);
}

const importInto = (bare: string, input: string): Promise<unknown> =>
  execa('git', ['-C', bare, 'fast-import', '--quiet'], { input });

function print(withClone: Figures, colds: readonly Figures[], all: Figures): void {
  const table = new Table({ head: ['', 'median', 'p95', 'goal'], style: { head: [], border: [] } });
  const row = (name: string, values: readonly number[], goal: string): void => {
    table.push([name, milliseconds(at(values, 0.5)), milliseconds(at(values, 0.95)), goal]);
  };
  row('cold, with the clone', [withClone.cold], '');
  row(
    'cold, the mirror is there',
    colds.map(({ cold }) => cold),
    '3 s',
  );
  row('one file changed, after the fetch', all.changes, '50 ms');
  row('one file changed, with the fetch', all.changesWithFetch, '');
  row('unchanged', all.unchanged, '5 ms');
  row(`${CALLERS} callers after a change, with the fetch`, [all.callers], '');
  process.stdout.write(`${table.toString()}\n`);
  process.stdout.write(`${all.files} lifecycle files in ${Math.ceil(FILES / IN_FOLDER)} folders; peak memory `);
  process.stdout.write(
    `${all.rss.toFixed(0)} MiB, cold only ${Math.max(...colds.map(({ rss }) => rss)).toFixed(0)} MiB\n`,
  );
}

function at(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

function milliseconds(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 0)} ms`;
}

if (process.argv[2] === 'child') {
  const { FOLDER = '', URL: url = '', MODE = '' } = process.env;
  await child(FOLDER, url, MODE);
} else await parent();
