import type { Client } from 'pg';
import { log } from './log.ts';
import type { Version } from './versions.ts';

/** Tops `bestie.pets` up to `rows` rows, a tenth as many owners; 100 000 take about a second. */
export async function seed(client: Client, { nameColumn }: Version, rows: number): Promise<void> {
  const { rows: counted } = await client.query<{ count: string }>('SELECT count(*) FROM bestie.pets');
  const have = Number(counted[0]?.count);
  if (have >= rows) return;
  await client.query('BEGIN');
  await client.query(
    `INSERT INTO bestie.owners (name) SELECT 'owner ' || n FROM generate_series(1, ceil($1::numeric / 10)::int) n`,
    [rows - have],
  );
  await client.query(
    `INSERT INTO bestie.pets (token, ${nameColumn}, owner_id)
     SELECT 'seed-' || n, 'pet ' || n, (SELECT max(id) FROM bestie.owners) - (n % ceil($2::numeric / 10)::int)
     FROM generate_series($1::int + 1, $1::int + $2::int) n`,
    [have, rows - have],
  );
  await client.query('REFRESH MATERIALIZED VIEW bestie.pets_by_owner');
  await client.query('COMMIT');
  log('seeded', { rows: rows - have });
}
