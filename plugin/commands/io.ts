import type { Connection, Lifecycles } from '../cluster/lifecycles.ts';
import type { Repository } from '../git/repository.ts';

/** What a command may touch besides the files it is given: the process's edge, as a value. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Only what is signed asks for the time: no plan knows any. */
  readonly now: () => Date;
  /** Held back until the command has ended well. */
  readonly out: (text: string) => void;
  /** At once, for commands that go on. */
  readonly live: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether colours are wanted on stdout: a TTY, and no NO_COLOR. */
  readonly colours: boolean;
  /** Whether stdout can be drawn over. */
  readonly terminal: boolean;
  /** Loaded by the commands that ask a cluster, and by no other. */
  readonly connect: (to: Connection) => Promise<Lifecycles>;
  /** Loaded by what compares commits, and by nothing else. @param path a file or folder, absolute; it need not be there. */
  readonly repository: (path: string) => Promise<Repository>;
}
