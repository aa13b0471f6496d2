import type { Archive } from './segments.ts';
import type { History } from './timeline.ts';

/** One backup set of a repository, as `pgbackrest info` tells of it. */
export interface Backup {
  readonly label: string;
  readonly type: 'full' | 'diff' | 'incr';
  /** Microseconds since 1970, of the database's clock; pgBackRest cuts the second off, so the end may be a second later. */
  readonly startedAt: number;
  readonly stoppedAt: number;
  /** WAL segments of its start and its end: a restore needs all from the first on. */
  readonly firstSegment: string;
  readonly lastSegment: string;
  readonly stopLsn: bigint;
  /** A page of it had a wrong checksum. */
  readonly damaged: boolean;
}

/** What one repository holds of this database: its backups, oldest first, and its archive. */
export interface RepositoryRecord extends Archive {
  /** `repo1` to `repo4`. */
  readonly name: string;
  readonly backups: readonly Backup[];
  /** How each timeline came to be; the first has no history. */
  readonly histories: ReadonlyMap<number, History>;
}
