/** What a command may touch besides the files it is given: the process's edge, as a value. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Only what is signed asks for the time: no plan knows any. */
  readonly now: () => Date;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether colours are wanted on stdout: a TTY, and no NO_COLOR. */
  readonly colours: boolean;
}
