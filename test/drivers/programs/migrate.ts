import process from 'node:process';
import pg from 'pg';

/** As Knex, Prisma's engine aside, or node-pg-migrate do it: node-postgres, one transaction. */
const client = new pg.Client({ connectionString: process.env['DATABASE_URL'], ssl: { rejectUnauthorized: false } });
await client.connect();
await client.query(`
  BEGIN;
  CREATE TABLE owners_pg (id int PRIMARY KEY, name text);
  INSERT INTO owners_pg VALUES (1, 'Ada');
  ALTER TABLE t0 ADD COLUMN owner_pg int REFERENCES owners_pg;
  UPDATE t0 SET owner_pg = 1 WHERE id <= 10;
  COMMIT`);
await client.end();
