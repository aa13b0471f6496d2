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

/** git in a repository; @throws GitFailure. */
export type ReadGit = (args: readonly string[], input?: string) => Promise<Buffer>;

/**
 * Reads in a repository.
 * @param what for people
 * @throws RepositoryError
 */
export type ReadIn = <T>(what: string, signal: AbortSignal, action: (run: ReadGit) => Promise<T>) => Promise<T>;

/** git did not end well; what it printed on stderr, which may hold what a server said. */
export class GitFailure extends Error {
  override readonly name = 'GitFailure';
  readonly aborted: boolean;
  /** It printed more than is read. */
  readonly tooMuch: boolean;
  constructor(text: string, aborted: boolean, tooMuch = false) {
    super(text);
    this.aborted = aborted;
    this.tooMuch = tooMuch;
  }
}

/**
 * Bytes that git may print. A few KiB of trees that hold each other make a list without an end; contents are asked for in parts of known size,
 * of which those of a review are the largest.
 */
const MOST_LISTED = 32 * 1024 * 1024;
const MOST_CONTENT = 80 * 1024 * 1024;

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
  const { folder, args, environment, input } = call;
  if (call.signal?.aborted) throw new GitFailure('aborted', true);
  // Any command is one to `catFile` as to `raw`, but this gives bytes: `git cat-file` is asked for as such, the rest as text.
  const [command, ...rest] = args;
  const isContent = command === 'cat-file';
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, ...(call.signal ? [call.signal] : [])]);
  const failed = (error: unknown): GitFailure => failureOf(error, call.signal, over.signal.aborted);
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
      abort: signal,
    })
      .env(environment)
      .outputHandler((_, stdout) => {
        let left = isContent ? MOST_CONTENT : MOST_LISTED;
        stdout.on('data', (part: Buffer) => {
          left -= part.length;
          if (left < 0) over.abort();
        });
      });
  } catch (error) {
    throw failed(error);
  }
  const output = isContent ? client.binaryCatFile(rest) : client.raw([...args]).then((text) => Buffer.from(text));
  try {
    return await abortable(output, signal);
  } catch (error) {
    throw failed(error);
  }
}

/** How long git may take to remove its locks after it was told to end. */
const GRACE_MS = 2000;

/** Ends soon after the signal, even where a process that git has started holds its output open. */
function abortable(output: PromiseLike<unknown>, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const stop = (): void => {
      timer = setTimeout(() => {
        reject(new Error('aborted'));
      }, GRACE_MS);
    };
    signal.addEventListener('abort', stop, { once: true });
    const ended = (): void => {
      signal.removeEventListener('abort', stop);
      clearTimeout(timer);
    };
    output.then(
      (value) => {
        ended();
        resolve(value as Buffer);
      },
      (error: unknown) => {
        ended();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}

function failureOf(error: unknown, signal: AbortSignal | undefined, tooMuch: boolean): GitFailure {
  return new GitFailure(error instanceof Error ? error.message : String(error), signal?.aborted ?? false, tooMuch);
}
