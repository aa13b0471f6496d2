import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { CACHE } from '../paths.ts';
import { withProgress } from '../progress.ts';

/** Digest over files (folders recursively: names and contents) and plain strings: what a built thing is made from. */
export function keyOf(files: readonly string[], strings: readonly string[] = []): string {
  const hash = createHash('sha256');
  const add = (path: string, root: string): void => {
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path).sort()) add(join(path, name), root);
    } else {
      hash
        .update(`${relative(root, path)}\0`)
        .update(readFileSync(path))
        .update('\0');
    }
  };
  for (const file of files) add(file, file);
  for (const string of strings) hash.update(`${string}\0`);
  return hash.digest('hex').slice(0, 16);
}

/** Other checkouts may be at other commits. */
const KEPT = 3;

/** An image of the plugin is a quarter of a gigabyte, and every change of its source makes another. */
function removeSuperseded(name: string): void {
  const lastUsed = (folder: string): number => statSync(folder).mtimeMs;
  const made = readdirSync(CACHE)
    .filter((each) => /-[0-9a-f]{16}$/.test(each) && each.slice(0, -17) === name)
    .map((each) => join(CACHE, each))
    .sort((a, b) => lastUsed(b) - lastUsed(a));
  for (const folder of made.slice(KEPT)) rmSync(folder, { recursive: true, force: true });
}

/**
 * A folder of the cache that holds what `build` made, made at most once: built in a temporary folder beside it and
 * renamed, so that a killed build leaves nothing that looks whole. Of each name, those that were used last are kept.
 */
export async function cached(name: string, key: string, build: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(CACHE, `${name}-${key}`);
  if (existsSync(folder)) {
    utimesSync(folder, new Date(), new Date());
    return folder;
  }
  mkdirSync(CACHE, { recursive: true });
  const temporary = mkdtempSync(join(CACHE, `.${name}-`));
  try {
    await withProgress(`building ${name}`, () => build(temporary));
    if (!existsSync(folder)) renameSync(temporary, folder);
    removeSuperseded(name);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return folder;
}
