/** One step from a schema to the next; all its statements run in one transaction. */
export interface Migration {
  /** The schema that it leads to, recorded in `bestie.schema_version`. */
  readonly version: string;
  readonly statements: readonly string[];
}

/** A schema of its own, named in every statement: who looks at the data need not share the application's search_path. */
const create: Migration = {
  version: '1.3',
  statements: [
    'CREATE SCHEMA IF NOT EXISTS bestie',
    `CREATE TABLE bestie.schema_version (
       ordinal integer PRIMARY KEY,
       version text NOT NULL,
       applied_at timestamptz NOT NULL DEFAULT now()
     )`,
    `CREATE TABLE bestie.owners (
       id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
       name text NOT NULL
     )`,
    `CREATE TABLE bestie.pets (
       id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
       token text NOT NULL UNIQUE,
       name text NOT NULL,
       seq bigint NOT NULL DEFAULT 0,
       owner_id bigint REFERENCES bestie.owners
     )`,
    'CREATE INDEX pets_owner ON bestie.pets (owner_id)',
    `CREATE MATERIALIZED VIEW bestie.pets_by_owner AS
       SELECT owner_id, count(*) AS pets, max(name) AS last_name FROM bestie.pets GROUP BY owner_id`,
    'CREATE UNIQUE INDEX pets_by_owner_key ON bestie.pets_by_owner (owner_id)',
  ],
};

const RENAME = 'ALTER TABLE bestie.pets RENAME COLUMN name TO full_name';

/** The schemas of 1.3 and 1.4 do not fit each other: neither version can serve on the other's. */
const rename: Migration = {
  version: '1.4',
  statements: [
    RENAME,
    'DROP MATERIALIZED VIEW bestie.pets_by_owner',
    'ALTER TABLE bestie.pets ADD COLUMN species text',
    "UPDATE bestie.pets SET species = CASE WHEN id % 3 = 0 THEN 'cat' ELSE 'dog' END",
    "ALTER TABLE bestie.pets ALTER COLUMN species SET DEFAULT 'dog', ALTER COLUMN species SET NOT NULL",
    `CREATE TABLE bestie.visits (
       id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
       pet_id bigint NOT NULL REFERENCES bestie.pets,
       at timestamptz NOT NULL DEFAULT now()
     )`,
    `CREATE MATERIALIZED VIEW bestie.pets_by_owner AS
       SELECT owner_id, species, count(*) AS pets, max(full_name) AS last_name
       FROM bestie.pets GROUP BY owner_id, species`,
    'CREATE UNIQUE INDEX pets_by_owner_key ON bestie.pets_by_owner (owner_id, species)',
  ],
};

const renameBroken: Migration = {
  version: '1.4',
  statements: [RENAME, "DO $$ BEGIN RAISE EXCEPTION 'the migration to 1.4 fails here, on purpose'; END $$"],
};

export const MIGRATIONS = { create, rename, renameBroken };
