import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { STATE } from '../paths.ts';

/** A Git repository that Argo CD reads by `file://`; commits go straight onto its branch `main`. */
export interface Repository {
  readonly folder: string;
  readonly url: string;
}

const git = async (folder: string, args: readonly string[]): Promise<string> => {
  const identity = ['-c', 'user.name=lab', '-c', 'user.email=lab@example.com', '-c', 'commit.gpgsign=false'];
  const { stdout } = await execa('git', ['-C', folder, ...identity, ...args]);
  return stdout;
};

/** A new, empty repository; one of that name from an earlier run is thrown away. */
export async function createRepository(name: string): Promise<Repository> {
  const folder = join(STATE, 'repositories', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await git(folder, ['init', '-q', '-b', 'main']);
  return { folder, url: `file://${folder}` };
}

/** Writes the files and commits. @returns the commit's id. */
export async function commitFiles(
  { folder }: Repository,
  files: Readonly<Record<string, string>>,
  message: string,
): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  await git(folder, ['add', '-A']);
  await git(folder, ['commit', '-q', '--allow-empty', '-m', message]);
  return headOf({ folder, url: '' });
}

export const headOf = ({ folder }: Repository): Promise<string> => git(folder, ['rev-parse', 'HEAD']);
