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
  /**
   * A row of an acknowledged insert through the Service, with its last acknowledged seq; undefined as long as there is
   * none. Every other one is the newest: who is sent to a database of the past notices there.
   * @param random in [0, 1)
   */
  readonly row: (random: number) => AcknowledgedRow | undefined;
}

type AcknowledgedRow = Pick<AcknowledgedWrite, 'id' | 'seq'>;

/** Kept in memory, and in a file that outlives the process: one JSON object a line. */
export function acknowledgedWrites(file: string): AcknowledgedWrites {
  const writes: AcknowledgedWrite[] = [];
  const ids: number[] = [];
  const lastSeq = new Map<number, number>();
  return {
    add: (write) => {
      writes.push(write);
      if (write.channel === 'service') {
        if (write.kind === 'insert') ids.push(write.id);
        lastSeq.set(write.id, write.seq);
      }
      appendFileSync(file, `${JSON.stringify(write)}\n`);
    },
    all: () => writes,
    row: (random) => {
      const id = random < 0.5 ? ids[Math.floor(random * 2 * ids.length)] : ids.at(-1);
      return id === undefined ? undefined : { id, seq: lastSeq.get(id) ?? 0 };
    },
  };
}
