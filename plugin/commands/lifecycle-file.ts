import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Lifecycle } from '../lifecycle/model.ts';
import { parseLifecycle } from '../lifecycle/parse.ts';
import { PlacedError, ProblemsError } from './failure.ts';

const FILE = 'lifecycle.yaml';
const ALIAS = 'lifecycle.yml';

export interface LifecycleFile {
  /** As people see it in messages: relative when the folder was given relative. */
  readonly path: string;
  readonly folder: string;
}

/** The one lifecycle file of a folder, or the file itself. */
export function findLifecycle(path: string): LifecycleFile {
  if (!isFolder(path)) return { path, folder: join(path, '..') };
  const names = read(path, () => readdirSync(path));
  if (names.includes(ALIAS)) {
    const code = names.includes(FILE) ? 'several-lifecycle-files' : 'no-lifecycle-file';
    throw new PlacedError(`${join(path, ALIAS)}:1`, code, `the file is to be called ${FILE}`);
  }
  if (!names.includes(FILE)) throw new PlacedError(`${join(path, FILE)}:1`, 'no-lifecycle-file', 'the folder has none');
  return { path: join(path, FILE), folder: path };
}

/** @throws ProblemsError with every problem of the file */
export function readLifecycle({ path }: LifecycleFile): Lifecycle {
  const result = parseLifecycle(readSource(path), path);
  if (!result.ok) throw new ProblemsError(result.problems);
  return result.lifecycle;
}

export const readSource = (path: string): Uint8Array => read(path, () => readFileSync(path));

const isFolder = (path: string): boolean => read(path, () => statSync(path).isDirectory());

/** Every lifecycle.yaml at or below the paths, in order; a path that is a file is taken as one. */
export function findAll(paths: readonly string[]): readonly string[] {
  const found = paths.flatMap((path) => {
    if (!isFolder(path)) return [path];
    const below = read(path, () => readdirSync(path, { recursive: true, withFileTypes: true }));
    const files = below.filter((each) => each.isFile() && each.name === FILE);
    return files.map(({ parentPath, name }) => join(parentPath, name)).filter(isOurs(path));
  });
  return [...new Set(found)].sort();
}

const isOurs =
  (root: string) =>
  (path: string): boolean =>
    !path
      .slice(root.length)
      .split('/')
      .some((part) => part === 'node_modules' || part === '.git');

function read<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new PlacedError(`${path}:1`, 'file-unreadable', reason);
  }
}
