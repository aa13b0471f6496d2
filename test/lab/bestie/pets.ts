import { read, type Database } from './read.ts';
import type { Version } from './versions.ts';
import { write, type Outcome } from './write.ts';

interface Pet {
  readonly id: number;
  readonly token: string;
  readonly name: string;
  readonly seq: number;
}

/** The answer to a write; undefined where there was no row to update. */
interface Written {
  readonly id: number;
  readonly seq: number;
}

export interface Pets {
  readonly find: (id: number) => Promise<Pet | undefined>;
  readonly count: () => Promise<number>;
  readonly insert: (pet: Pick<Pet, 'token' | 'name'>) => Promise<Outcome<Written | undefined>>;
  /** Never takes `seq` back: a request that was overtaken by a later one changes nothing. */
  readonly update: (pet: Pick<Pet, 'id' | 'name' | 'seq'>) => Promise<Outcome<Written | undefined>>;
}

/** PostgreSQL's bigint comes as text; ids and sequences of the sample stay far below 2^53. */
interface Row {
  readonly id: string;
  readonly seq: string;
}
const written = (row: Row | undefined): Written | undefined => row && { id: Number(row.id), seq: Number(row.seq) };

export function petsOf(database: Database, { nameColumn }: Version): Pets {
  const change = (sql: string, values: unknown[]): Promise<Outcome<Written | undefined>> =>
    write(database.pool, async (client) => written((await client.query<Row>(sql, values)).rows[0]));
  return {
    find: async (id) => {
      const sql = `SELECT id, token, ${nameColumn} AS name, seq FROM bestie.pets WHERE id = $1`;
      const [row] = (await read<Row & { token: string; name: string }>(database, sql, [id])).rows;
      return row && { ...row, id: Number(row.id), seq: Number(row.seq) };
    },
    count: async () => {
      const { rows } = await read<{ count: string }>(database, 'SELECT count(*) FROM bestie.pets');
      return Number(rows[0]?.count);
    },
    insert: ({ token, name }) =>
      change(`INSERT INTO bestie.pets (token, ${nameColumn}) VALUES ($1, $2) RETURNING id, seq`, [token, name]),
    update: ({ id, name, seq }) =>
      change(`UPDATE bestie.pets SET ${nameColumn} = $2, seq = $3 WHERE id = $1 AND seq < $3 RETURNING id, seq`, [
        id,
        name,
        seq,
      ]),
  };
}
