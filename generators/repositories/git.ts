import { simpleGit, type SimpleGit } from 'simple-git';

/** One call of git. */
export interface GitCall {
  /** The bare repository; git runs in it. */
  readonly folder: string;
  readonly args: readonly string[];
  /** The whole environment of the process: nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly signal?: AbortSignal;
}

/** git did not end well; what it printed on stderr, which may hold what a server said. */
export class GitFailure extends Error {
  override readonly name = 'GitFailure';
  readonly aborted: boolean;
  constructor(text: string, aborted: boolean) {
    super(text);
    this.aborted = aborted;
  }
}

/** The variables that the mirrors set on purpose; simple-git refuses them where it is not told. */
const UNSAFE = {
  allowUnsafeConfigEnvCount: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeSshCommand: true,
} as const;

/**
 * @returns what git printed on stdout, all of it
 * @throws GitFailure on any other end than exit code 0: simple-git by itself takes a process that was killed for one that is done,
 * and half an output for a whole one
 */
export async function git(call: GitCall): Promise<Buffer> {
  const { folder, args, environment, input, signal } = call;
  if (signal?.aborted) throw new GitFailure('aborted', true);
  let client: SimpleGit;
  try {
    client = simpleGit({
      baseDir: folder,
      allowEnvironment: Object.keys(environment),
      unsafe: UNSAFE,
      completion: { onClose: true, onExit: false },
      errors: (error, { exitCode, stdErr }) =>
        error ?? (exitCode === 0 ? undefined : Buffer.concat([...stdErr, Buffer.from(`\nexit code ${exitCode}`)])),
      ...(input !== undefined && { input: () => input }),
      ...(signal && { abort: signal }),
    }).env(environment);
  } catch (error) {
    throw failureOf(error, signal);
  }
  // Any command is one to `catFile` as to `raw`, but this gives bytes: `git cat-file` is asked for as such, the rest as text.
  const [command, ...rest] = args;
  const output =
    command === 'cat-file' ? client.binaryCatFile(rest) : client.raw([...args]).then((text) => Buffer.from(text));
  return await abortable(output, signal);
}

/** How long git may take to remove its locks after it was told to end. */
const GRACE_MS = 2000;

/** Ends soon after the signal, even where a process that git has started holds its output open. */
function abortable(output: PromiseLike<unknown>, signal: AbortSignal | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const stop = (): void => {
      timer = setTimeout(() => {
        reject(new GitFailure('aborted', true));
      }, GRACE_MS);
    };
    signal?.addEventListener('abort', stop, { once: true });
    const ended = (): void => {
      signal?.removeEventListener('abort', stop);
      clearTimeout(timer);
    };
    output.then(
      (value) => {
        ended();
        resolve(value as Buffer);
      },
      (error: unknown) => {
        ended();
        reject(failureOf(error, signal));
      },
    );
  });
}

function failureOf(error: unknown, signal: AbortSignal | undefined): GitFailure {
  return new GitFailure(error instanceof Error ? error.message : String(error), signal?.aborted ?? false);
}
