import { simpleGit } from 'simple-git';

/** What git finds its own configuration by: where CI marks a checkout as safe, and what a user has set. Nothing else is inherited. */
const PASSED = [
  'PATH',
  'HOME',
  'XDG_CONFIG_HOME',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_SYSTEM',
  'GIT_CONFIG_NOSYSTEM',
] as const;

/** git did not end well. */
export class GitFailure extends Error {
  override readonly name = 'GitFailure';
  readonly exitCode: number;
  constructor(text: string, exitCode: number) {
    super(text);
    this.exitCode = exitCode;
  }
}

/** @returns what it printed. @throws GitFailure on any exit code but 0, also where it was killed */
export type RunGit = (args: readonly string[], input?: string) => Promise<Buffer>;

/**
 * git in a folder, for reading commits: no hook, filter, pager, question to a terminal, lock or replaced object has a part in what is asked here.
 * @param inherited the process's own environment
 */
export function gitIn(folder: string, inherited: Readonly<Record<string, string | undefined>>): RunGit {
  const passed = PASSED.flatMap((name) => {
    const value = inherited[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const environment = {
    ...Object.fromEntries(passed),
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_LITERAL_PATHSPECS: '1',
  };
  return async (args, input) => {
    let exit = 0;
    try {
      const client = simpleGit({
        baseDir: folder,
        allowEnvironment: Object.keys(environment),
        unsafe: { allowUnsafeConfigPaths: true },
        completion: { onClose: true, onExit: false },
        // By itself simple-git takes a process that was killed for one that is done.
        errors: (error, { exitCode, stdErr }) => {
          exit = exitCode;
          return error ?? (exitCode === 0 ? undefined : Buffer.concat([...stdErr, Buffer.from(' ')]));
        },
        ...(input !== undefined && { input: () => input }),
      }).env(environment);
      const [command, ...rest] = args;
      // Any command is one to `raw`, but only this gives bytes.
      if (command === 'cat-file') return (await client.binaryCatFile(rest)) as Buffer;
      return Buffer.from(await client.raw([...args]));
    } catch (error) {
      throw new GitFailure(error instanceof Error ? error.message.trim() : String(error), exit);
    }
  };
}
