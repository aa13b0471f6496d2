import { cpSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { giteaFolder } from '../build/binaries.ts';
import { freePort } from '../postgres/server.ts';
import { waitFor } from '../wait-for.ts';
import { settings } from './settings.ts';

export interface GiteaServer {
  /** `http://127.0.0.1:21000`, without a slash at its end. */
  readonly url: string;
  /** Of a site's administrator, with every scope. */
  readonly adminToken: string;
  /** What it has written to its log. */
  readonly log: () => string;
  /** Ends it as a crash does; what it stores stays. */
  readonly kill: () => Promise<void>;
  /** On the same port, with what it has stored. */
  readonly start: () => Promise<void>;
  /** Ends it and removes what it has stored. */
  readonly stop: () => Promise<void>;
}

export interface GiteaOptions {
  /** Where it listens. */
  readonly host?: string;
  /** What a command is run through: the lab's network. */
  readonly through?: Through;
}

type Through = (command: string, args: readonly string[]) => readonly [string, readonly string[]];

/** It refuses root. Nobody's own folder is not enough: what lies below the home of root nobody else can reach. */
const USER = 'nobody';
const asUser = (command: readonly string[]): readonly string[] =>
  process.getuid?.() === 0
    ? ['setpriv', `--reuid=${USER}`, '--regid=nogroup', '--clear-groups', '--', ...command]
    : command;

/** A pull-request server of its own: built once a machine, started in some seconds, with an administrator and nothing else. */
export async function startGitea(options: GiteaOptions = {}): Promise<GiteaServer> {
  const { host = '127.0.0.1' } = options;
  const through: Through = options.through ?? ((command, args) => [command, args]);
  const built = await giteaFolder();
  const folder = mkdtempSync(join(tmpdir(), 'gitea-'));
  const program = join(folder, 'program');
  cpSync(built, program, { recursive: true });
  const port = await freePort();
  const root = process.getuid?.() === 0;
  const config = join(folder, 'app.ini');
  writeFileSync(config, settings({ folder, program, host, port, user: root ? USER : (process.env['USER'] ?? USER) }));
  if (root) await execa('chown', ['-R', `${USER}:nogroup`, folder]);
  const logFile = join(folder, 'gitea.log');
  const url = `http://${host}:${port}`;
  const environment = { PATH: process.env['PATH'] ?? '', HOME: folder, USER, GITEA_WORK_DIR: folder };
  const gitea = (...args: readonly string[]): readonly [string, readonly string[]] => {
    const [command = '', ...rest] = asUser([join(program, 'gitea'), '--config', config, ...args]);
    return through(command, rest);
  };
  const admin = async (...args: readonly string[]): Promise<string> => {
    const [command, argv] = gitea(...args);
    return (await execa(command, argv, { env: environment, extendEnv: false, cwd: folder })).stdout;
  };

  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const log = openSync(logFile, 'a');
    const [command, argv] = gitea('web');
    child = spawn(command, argv, { env: environment, cwd: folder, stdio: ['ignore', log, log] });
    const answers = async (): Promise<boolean> => {
      if (child?.exitCode !== null) throw new Error(`it ended: ${readFileSync(logFile, 'utf8').slice(-2000)}`);
      const [curl, args] = through('curl', ['-sf', '-o', '/dev/null', `${url}/api/healthz`]);
      return (await execa(curl, args, { reject: false })).exitCode === 0;
    };
    await waitFor(answers, { what: 'Gitea answers', timeoutSeconds: 60 });
  };
  const kill = async (): Promise<void> => {
    if (child?.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    child = undefined;
  };
  const stop = async (): Promise<void> => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  };

  try {
    await admin('migrate');
    const made = await admin(
      ...['admin', 'user', 'create', '--username', 'root', '--email', 'root@lab.test', '--random-password', '--admin'],
      ...['--must-change-password=false', '--access-token', '--access-token-scopes', 'all'],
    );
    const adminToken = /\b[0-9a-f]{40}\b/.exec(made)?.[0];
    if (adminToken === undefined) throw new Error('Gitea: no token of the administrator was printed');
    await start();
    const log = (): string => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '');
    return { url, adminToken, log, kill, start, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
