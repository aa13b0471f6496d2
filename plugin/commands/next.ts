import { randomBytes } from 'node:crypto';
import process from 'node:process';
import { realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LifecycleError } from '../errors/errors.ts';
import { nextStage, type NewGreen } from '../lifecycle/next.ts';
import { ProblemsError } from './failure.ts';
import type { Io } from './io.ts';
import { findLifecycle, readLifecycle, readSource } from './lifecycle-file.ts';
import { readStatus } from './saved-status.ts';

interface NextOptions {
  readonly green?: string;
  readonly version?: string;
  /** A saved Lifecycle: `kubectl get lifecycle NAME -o yaml`, or `-o json`. */
  readonly status?: string;
}

/** Of 2^40 lives no two of one instance's name meet. */
const LIFE_BYTES = 5;

/** Moves the file on to its next stage, in place. */
export function next(io: Io, path: string, options: NextOptions): void {
  const found = findLifecycle(path);
  const file = found.path;
  const green = newGreen(options);
  const { status: saved } = options;
  const result = nextStage(readSource(file), file, {
    ...(green && { green }),
    life: randomBytes(LIFE_BYTES).toString('hex'),
    ...(saved !== undefined && { status: readStatus(saved, readLifecycle(found).metadata.name) }),
  });
  if (!result.ok) throw new ProblemsError(result.problems);
  replaceFile(file, result.text);
  io.out(`${file}: ${result.from} → ${result.to}\n`);
}

function newGreen({ green, version }: NextOptions): NewGreen | undefined {
  if (green === undefined && version === undefined) return undefined;
  if (green === undefined || version === undefined)
    throw new LifecycleError('usage', '--green and --version belong together');
  return { name: green, version };
}

/** Writes beside the file and renames, so that a reader sees the old text or the new one, never half of it. */
function replaceFile(path: string, text: string): void {
  const target = realpathSync(path);
  const beside = join(dirname(target), `.lifecycle.yaml.${process.pid}`);
  try {
    writeFileSync(beside, text, { mode: statSync(target).mode, flag: 'wx' });
    renameSync(beside, target);
  } finally {
    rmSync(beside, { force: true });
  }
}
