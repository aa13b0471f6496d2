import { hash, randomBytes } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MIRROR_CONFIG } from './mirror-config.ts';

/** One bare repository on disk: `<key of the URL>.<random>.git`. */
const KEY_LENGTH = 32;
/** Stands in a mirror that was fetched whole at least once: when its last fetch began (ISO 8601). */
const FETCHED = 'lifecycle-fetched';

const keyOf = (url: string): string => hash('sha256', url).slice(0, KEY_LENGTH);

/** A bare repository that has nothing yet. */
export async function newFolder(root: string, url: string): Promise<string> {
  const folder = join(root, `${keyOf(url)}.${randomBytes(6).toString('hex')}.git`);
  await mkdir(join(folder, 'objects/pack'), { recursive: true });
  await mkdir(join(folder, 'objects/info'));
  await mkdir(join(folder, 'refs/heads'), { recursive: true });
  await writeConfig(folder);
  return folder;
}

/** HEAD leads nowhere: what is asked for is always named. */
async function writeConfig(folder: string): Promise<void> {
  await writeFile(join(folder, 'config'), MIRROR_CONFIG);
  await writeFile(join(folder, 'HEAD'), 'ref: refs/heads/none\n');
}

/**
 * The mirror that an earlier process has left, with what a killed git has left in it removed; those that were never whole go away.
 * No other process may use the folder at the same time.
 */
export async function leftFolder(root: string, url: string): Promise<{ folder: string; fetchedAt: Date } | undefined> {
  await mkdir(root, { recursive: true });
  const names = (await readdir(root)).filter((name) => name.startsWith(`${keyOf(url)}.`));
  const found = await Promise.all(
    names.map(async (name) => ({ folder: join(root, name), fetchedAt: await fetchedOf(join(root, name)) })),
  );
  const whole = found.flatMap(({ folder, fetchedAt }) => (fetchedAt ? [{ folder, fetchedAt }] : []));
  const newest = whole.toSorted((a, b) => b.fetchedAt.getTime() - a.fetchedAt.getTime())[0];
  await Promise.all(found.filter(({ folder }) => folder !== newest?.folder).map(({ folder }) => removeFolder(folder)));
  if (!newest) return undefined;
  await removeLeftovers(newest.folder);
  await writeConfig(newest.folder);
  return newest;
}

async function fetchedOf(folder: string): Promise<Date | undefined> {
  const text = await readFile(join(folder, FETCHED), 'utf8').catch(() => '');
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Whole or not at all, also where the process is killed in the middle of it. */
export async function writeFetched(folder: string, at: Date): Promise<void> {
  await writeFile(join(folder, `${FETCHED}.new`), at.toISOString());
  await rename(join(folder, `${FETCHED}.new`), join(folder, FETCHED));
}

export const removeFolder = (folder: string): Promise<void> =>
  rm(folder, { recursive: true, force: true, maxRetries: 3 });

const LEFT_BEHIND = /\.lock$|^gc\.pid$|^tmp_|^tmp-|^\.tmp-|^ssh$|\.new$/;

/** Locks and half-written packs of a git that was killed: they would stop every fetch, and fill the disk. Only while no git writes. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []))
    if (LEFT_BEHIND.test(entry.name)) await rm(join(entry.parentPath, entry.name), { recursive: true, force: true });
}

/** @returns bytes of all objects, those that are just coming in too. */
export async function sizeOf(folder: string): Promise<number> {
  const objects = join(folder, 'objects');
  const entries = await readdir(objects, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) =>
        stat(join(parentPath, name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

export async function packsOf(folder: string): Promise<number> {
  const names = await readdir(join(folder, 'objects/pack')).catch(() => []);
  return names.filter((name) => name.endsWith('.pack')).length;
}
