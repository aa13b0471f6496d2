import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import Table from 'cli-table3';
import { execa } from 'execa';
import { binaries } from '../lab/build/binaries.ts';

/**
 * `generate`, cold, against `kubectl kustomize` of the same objects: both as new processes, by turns, in one go.
 * kubectl: KUBECTL, else the lab's (built once a machine). Usage: generate.ts [RUNS], default 21.
 */
const ROOT = join(import.meta.dirname, '../..');
const RUNS = Number(process.argv[2] ?? '21');
const REPO = join(ROOT, 'test/golden/switch-bestie/repo');

const kubectl = process.env['KUBECTL'] ?? (await binaries()).path('kubectl');
const folder = mkdtempSync(join(tmpdir(), 'lifecycle-bench-'));
const env = { PATH: process.env['PATH'], HOME: folder };

/** @returns milliseconds from the start of the process to its end, and what it printed */
async function run(file: string, args: readonly string[]): Promise<{ readonly took: number; readonly stdout: string }> {
  const { durationMs, stdout } = await execa(file, args, { env, extendEnv: false });
  return { took: durationMs, stdout };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
const milliseconds = (value: number): string => `${value.toFixed(0)} ms`;

try {
  await execa(process.execPath, [join(ROOT, 'scripts/bundle.ts'), folder, 'lifecycle']);
  const generate = [join(folder, 'lifecycle.cjs'), 'generate', REPO];
  const manifests = (await run(process.execPath, generate)).stdout;
  writeFileSync(join(folder, 'all.yaml'), manifests);
  writeFileSync(join(folder, 'kustomization.yaml'), 'resources: [all.yaml]\n');
  if (!existsSync(kubectl)) throw new Error(`there is no kubectl at ${kubectl}`);

  const took = { generate: [] as number[], kustomize: [] as number[], node: [] as number[] };
  for (let turn = 0; turn < RUNS; turn++) {
    took.generate.push((await run(process.execPath, generate)).took);
    took.kustomize.push((await run(kubectl, ['kustomize', folder])).took);
    took.node.push((await run(process.execPath, ['--eval', '0'])).took);
  }

  const table = new Table({ head: ['cold start', 'median', 'fastest'], style: { head: [], border: [] } });
  const row = (name: string, values: readonly number[]): void => {
    table.push([name, milliseconds(median(values)), milliseconds(Math.min(...values))]);
  };
  row('lifecycle generate (bundle)', took.generate);
  row('kubectl kustomize, same objects', took.kustomize);
  row('node that does nothing', took.node);
  const objects = manifests.split(/^---$/m).length - 1;
  process.stdout.write(`${table.toString()}\n`);
  process.stdout.write(
    `ratio ${(median(took.generate) / median(took.kustomize)).toFixed(2)} over ${RUNS} runs by turns; `,
  );
  process.stdout.write(`${objects} objects, ${Buffer.byteLength(manifests)} bytes\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
