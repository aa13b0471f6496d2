import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, jest } from '@jest/globals';
import { execa } from 'execa';

const ROOT = join(import.meta.dirname, '../..');

export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
}

interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Runs the program as a process of its own, with no more environment than PATH and what is given. */
export async function runLifecycle(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const { stdout, stderr, exitCode } = await execa(process.execPath, [resolve(ROOT, program), ...args], {
    cwd: options.cwd ?? ROOT,
    env: { PATH: process.env['PATH'], ...options.env },
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
  });
  return { stdout, stderr, exitCode };
}

interface Bundle {
  readonly folder: () => string;
  readonly file: () => string;
  /** Paths of everything that went in, from the metafile. */
  readonly inputs: () => readonly string[];
}

/** Builds and processes take a second each, and several where the machine is busy. */
const PATIENCE = 120_000;

/** Builds the bundle of the commands for the tests of one file, in a folder of its own: test files run at the same time. */
export function useBundle(): Bundle {
  let folder = '';
  jest.setTimeout(PATIENCE);
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lifecycle-bundle-'));
    await execa(process.execPath, [join(ROOT, 'scripts/bundle.ts'), folder, 'lifecycle']);
  }, PATIENCE);
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    folder: () => folder,
    file: () => join(folder, 'lifecycle.cjs'),
    inputs: () => {
      const text = readFileSync(join(folder, 'lifecycle-program.meta.json'), 'utf8');
      return Object.keys((JSON.parse(text) as { readonly inputs: object }).inputs);
    },
  };
}
