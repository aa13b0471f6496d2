import process from 'node:process';
import { execa } from 'execa';

/** Commits are the same each time: their ids stand in what is shown. */
const ENVIRONMENT = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'alice',
  GIT_AUTHOR_EMAIL: 'alice@example.com',
  GIT_AUTHOR_DATE: '2026-11-22T10:00:00Z',
  GIT_COMMITTER_NAME: 'alice',
  GIT_COMMITTER_EMAIL: 'alice@example.com',
  GIT_COMMITTER_DATE: '2026-11-22T10:00:00Z',
};

/** git in a folder, with nothing of whoever runs the test. */
export async function git(folder: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await execa('git', [...args], { cwd: folder, env: ENVIRONMENT, extendEnv: false });
  return stdout;
}

/** @returns the commit's id */
export async function commitAll(folder: string, message: string): Promise<string> {
  await git(folder, 'add', '--all');
  await git(folder, 'commit', '--quiet', '--allow-empty', '--message', message);
  return git(folder, 'rev-parse', 'HEAD');
}
