import type { Instance } from '../lab/postgres/instance.ts';

/** A table like those of `Load`'s clients. */
const table = (name: string): string => `CREATE TABLE ${name} (id bigserial PRIMARY KEY, writer text, n int)`;

/** Who is in a database that people have: a CDC tool's role, the operator's own, a template with tables, and so on. */
const SERVER = [
  `CREATE ROLE debezium LOGIN REPLICATION PASSWORD 'debezium-secret'`,
  `CREATE ROLE ccp_monitoring LOGIN PASSWORD 'ccp_monitoring-secret'`,
  'GRANT pg_monitor TO ccp_monitoring',
  `CREATE ROLE _crunchypgbouncer LOGIN PASSWORD '_crunchypgbouncer-secret'`,
  'CREATE DATABASE blank OWNER bestie',
  'ALTER DATABASE blank IS_TEMPLATE true',
];
const BESTIE = [
  table('heartbeat'),
  'ALTER TABLE heartbeat OWNER TO debezium',
  // Not its own sequence: one that is unlogged and younger than the backup cannot be read on a clone (15 to 18).
  'CREATE SEQUENCE cache_ids',
  `CREATE UNLOGGED TABLE cache (id bigint DEFAULT nextval('cache_ids') PRIMARY KEY, writer text, n int)`,
  'ALTER TABLE cache OWNER TO bestie',
  'ALTER SEQUENCE cache_ids OWNER TO bestie',
  'CREATE SCHEMA monitor AUTHORIZATION ccp_monitoring',
  table('monitor.samples'),
  'ALTER TABLE monitor.samples OWNER TO ccp_monitoring',
];

/** Makes them on blue before anybody writes. */
export async function populate(blue: Instance): Promise<void> {
  for (const statement of SERVER) await blue.sql(statement);
  for (const statement of BESTIE) await blue.sql(statement, 'bestie');
  for (const database of ['blank', 'second']) {
    await blue.sql(table('t0'), database);
    await blue.sql('ALTER TABLE t0 OWNER TO bestie', database);
  }
}

/** The operator gives its own roles another password on every cluster. */
export async function asOperator(green: Instance): Promise<void> {
  for (const role of ['ccp_monitoring', '_crunchypgbouncer']) {
    await green.sql(`ALTER ROLE ${role} PASSWORD 'of ${green.name}'`);
  }
}
