import { appendFileSync } from 'node:fs';

/** Begins the token of every row that the load inserts. */
export const TOKEN_PREFIX = 'load-';

/** A write that somebody was told is committed: it must be found wherever the database goes. */
export interface AcknowledgedWrite {
  /** Through the Service, or straight to the database as the application's role. */
  readonly channel: 'service' | 'direct';
  readonly kind: 'insert' | 'update';
  /** The row's own; chosen by the client, unique. */
  readonly token: string;
  readonly id: number;
  /** The row has this seq, or a later one; 0 for an insert. */
  readonly seq: number;
  /** When the answer came, Unix time in milliseconds. */
  readonly at: number;
}

export interface AcknowledgedWrites {
  readonly add: (write: AcknowledgedWrite) => void;
  readonly all: () => readonly AcknowledgedWrite[];
  /** Any row of an acknowledged insert through the Service; undefined as long as there is none. */
  readonly anyId: (random: number) => number | undefined;
}

/** Kept in memory, and in a file that outlives the process: one JSON object a line. */
export function acknowledgedWrites(file: string): AcknowledgedWrites {
  const writes: AcknowledgedWrite[] = [];
  const ids: number[] = [];
  return {
    add: (write) => {
      writes.push(write);
      if (write.kind === 'insert' && write.channel === 'service') ids.push(write.id);
      appendFileSync(file, `${JSON.stringify(write)}\n`);
    },
    all: () => writes,
    anyId: (random) => ids[Math.floor(random * ids.length)],
  };
}
