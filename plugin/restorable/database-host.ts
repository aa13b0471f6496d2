/** What a program printed, and whether it failed. */
export interface Ran {
  readonly failed: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** The container in which a database runs: its pgBackRest is configured for every repository of it. */
export interface DatabaseHost {
  /**
   * @param commands words of command lines, each run where the one before succeeded; they may leave files in the folder that they are given.
   * @param last one more, whose failure counts for nothing.
   */
  run(
    commands: (folder: string) => readonly (readonly string[])[],
    last?: (folder: string) => readonly string[],
  ): Promise<Ran>;
  /** The size of a WAL segment. */
  segmentBytes(): Promise<number>;
}
