import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/**
 * A repository as a source host has it: real git behind real HTTP, on 127.0.0.1. `faults` stand between the two.
 */
const run = promisify(execFile);

const GIT_ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@example.com',
};

/** @returns true where it has answered (or never will). */
type Fault = (request: IncomingMessage, response: ServerResponse) => boolean;

type Change = Readonly<Record<string, string | undefined | { readonly link: string }>>;

export interface Origin {
  readonly url: string;
  readonly git: (...args: readonly string[]) => Promise<string>;
  /** The same, by a committer who says that it is then, in seconds since 1970. */
  readonly gitAt: (seconds: number, ...args: readonly string[]) => Promise<string>;
  /** Files written, or removed where undefined, committed on the branch and pushed. @returns the commit */
  readonly commit: (files: Change, branch?: string) => Promise<string>;
  /** In the work tree, then pushed by force. */
  readonly push: (branch?: string) => Promise<void>;
  readonly requests: string[];
  /** Between git and whoever asks. */
  fault: Fault | undefined;
  /** What is done to an answer of git before it is sent. */
  cut: ((body: Buffer) => Buffer) | undefined;
  readonly close: () => Promise<void>;
  readonly bare: string;
  readonly work: string;
}

export async function startOrigin(): Promise<Origin> {
  const root = mkdtempSync(join(tmpdir(), 'origin-'));
  const bare = join(root, 'repo.git');
  const work = join(root, 'work');
  await run('git', ['init', '-q', '--bare', '-b', 'main', bare], { env: GIT_ENVIRONMENT });
  await run('git', ['-C', bare, 'config', 'uploadpack.allowAnySHA1InWant', 'true'], { env: GIT_ENVIRONMENT });
  await run('git', ['-C', bare, 'config', 'receive.denyDeleteCurrent', 'ignore'], { env: GIT_ENVIRONMENT });
  await run('git', ['init', '-q', '-b', 'main', work], { env: GIT_ENVIRONMENT });
  let seconds = 1_790_000_000;
  const git = (...args: readonly string[]): Promise<string> => gitAt(seconds++, ...args);
  const gitAt = async (at: number, ...args: readonly string[]): Promise<string> => {
    const date = `${at} +0000`;
    const env = { ...GIT_ENVIRONMENT, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
    return (await run('git', ['-C', work, ...args], { env, maxBuffer: 1 << 28 })).stdout.trim();
  };
  const origin: Origin = {
    bare,
    work,
    url: '',
    git,
    gitAt,
    requests: [],
    fault: undefined,
    cut: undefined,
    push: async (branch = 'main') => {
      await git('push', '-q', '--force', bare, `HEAD:refs/heads/${branch}`);
    },
    commit: async (files, branch = 'main') => {
      for (const [path, content] of Object.entries(files)) {
        const at = join(work, path);
        rmSync(at, { force: true, recursive: true });
        if (content === undefined) continue;
        mkdirSync(dirname(at), { recursive: true });
        if (typeof content === 'string') writeFileSync(at, content);
        else symlinkSync(content.link, at);
      }
      await git('add', '-A');
      await git('commit', '-q', '--allow-empty', '-m', 'change');
      await origin.push(branch);
      return await git('rev-parse', 'HEAD');
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(root, { recursive: true, force: true });
    },
  };
  const server = createServer((request, response) => {
    origin.requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    if (origin.fault?.(request, response)) return;
    backend(root, request, response, (body) => origin.cut?.(body) ?? body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.defineProperty(origin, 'url', { value: `http://127.0.0.1:${port}/repo.git` });
}

/** `git http-backend` by CGI. */
function backend(
  root: string,
  request: IncomingMessage,
  response: ServerResponse,
  through: (body: Buffer) => Buffer,
): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const child = spawn('git', ['http-backend'], {
    env: {
      ...GIT_ENVIRONMENT,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
  });
  const parts: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  child.stdin.on('error', () => undefined);
  request.pipe(child.stdin);
  child.on('close', () => {
    const output = Buffer.concat(parts);
    const end = output.indexOf('\r\n\r\n');
    const headers = output.toString('latin1', 0, end).split('\r\n');
    for (const header of headers) {
      const [name = '', value = ''] = header.split(': ');
      if (name === 'Status') response.statusCode = Number(value.slice(0, 3));
      else response.setHeader(name, value);
    }
    response.end(through(output.subarray(end + 4)));
  });
}
