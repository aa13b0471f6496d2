import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import Table from 'cli-table3';
import { execa } from 'execa';
import { overridingCanaries } from '../../plugin/postgres/canary.ts';
import { compareContent } from '../../plugin/postgres/compare-content.ts';
import { comparePhysically } from '../../plugin/postgres/compare-physically.ts';
import type { Side } from '../../plugin/postgres/compare.ts';
import { connect } from '../../plugin/postgres/connect.ts';
import { catalogDigest, changedParts } from '../../plugin/postgres/fingerprint.ts';
import { inDatabases } from '../../plugin/postgres/readers.ts';
import { applicationDatabases } from '../../plugin/postgres/relations.ts';
import { makeRestorePoint } from '../../plugin/postgres/restore-point.ts';
import { readRoleSettings, roleNames } from '../../plugin/postgres/roles.ts';
import type { OpenSession } from '../../plugin/postgres/session.ts';
import { BlueGreen, makeTemplate, removeTemplate } from '../lab/postgres/blue-green.ts';
import { Instance } from '../lab/postgres/instance.ts';
import { POSTGRES } from '../lab/postgres/versions.ts';

/**
 * What the comparisons inside a window cost where a database has many objects, against `pg_dump --schema-only` of the same
 * server: by turns, in one go, on a clone made as green is. Usage: catalogs.ts [TURNS [POPULATION]], default 3 turns of each; LIFECYCLE_POSTGRES=18.
 */
const TURNS = Number(process.argv[2] ?? '3');
const ONLY = process.argv[3];
const PG_DUMP = process.env['PG_DUMP'] ?? `/usr/lib/postgresql/${POSTGRES}/bin/pg_dump`;

interface Population {
  readonly name: string;
  readonly tables: number;
  readonly roles: number;
  readonly databases: number;
  readonly sequences: number;
  /** In one table more, about 100 bytes each. */
  readonly rows: number;
}

const POPULATIONS: readonly Population[] = [
  { name: '1 000 tables, 30 MB', tables: 1000, roles: 0, databases: 0, sequences: 0, rows: 300_000 },
  { name: '10 000 tables', tables: 10_000, roles: 0, databases: 0, sequences: 0, rows: 0 },
  {
    ...{ name: '10 000 tables, 500 roles, 20 databases, 100 000 sequences', rows: 0 },
    ...{ tables: 10_000, roles: 500, databases: 20, sequences: 90_000 },
  },
];

/** A statement for each number, a few hundred a transaction: one for all of them would run out of locks. */
const each = (count: number, statement: string): string =>
  `DO $do$ BEGIN FOR i IN 1..${count} LOOP EXECUTE format($f$${statement}$f$, i);
     IF i % 500 = 0 THEN COMMIT; END IF; END LOOP; END $do$`;

/** A table has a sequence, an index and TOAST. */
const TABLE =
  'CREATE TABLE many%1$s (id bigserial PRIMARY KEY, name text NOT NULL, at timestamptz DEFAULT now(), n int)';

async function populate(data: string, { tables, roles, databases, sequences, rows }: Population): Promise<void> {
  const server = await Instance.over('template', data);
  server.configure({ max_locks_per_transaction: '1024', max_wal_size: '4GB', autovacuum: 'off' });
  await server.start();
  await server.sql(each(roles, 'CREATE ROLE role%1$s LOGIN IN ROLE reporter'));
  for (let n = 0; n < databases; n++) await server.sql(`CREATE DATABASE more${n}`);
  await server.sql(each(tables, TABLE), 'bestie');
  await server.sql(each(sequences, 'CREATE SEQUENCE counter%1$s'), 'bestie');
  await server.sql(
    `CREATE TABLE large AS SELECT n, repeat(md5(n::text), 2) AS text FROM generate_series(1, ${rows}) AS n`,
    'bestie',
  );
  await server.sql('VACUUM (ANALYZE)', 'bestie');
  await server.stop('SIGINT');
}

const opener =
  (servers: BlueGreen, instance: string): OpenSession =>
  (database) => {
    const folder = join(servers.secrets, instance);
    const credentials = { folder: join(folder, 'superuser'), ca: join(folder, 'ca', 'ca.crt') };
    return connect({ ...credentials, database, applicationName: 'bench' });
  };

async function side(servers: BlueGreen, name: string): Promise<Side> {
  const open = opener(servers, name);
  return { name, open, session: await open('postgres') };
}

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
};
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

/** The peer: `pg_dump` of the database with most objects. */
async function dump(server: Instance): Promise<void> {
  const connection = ['-h', server.data, '-p', String(server.port), '-U', 'postgres'];
  await execa(PG_DUMP, [...connection, '--schema-only', 'bestie'], { stdout: 'ignore' });
}

const PEER = 'pg_dump --schema-only, one side, one database';

async function writeAsAll({ session, open }: Side): Promise<void> {
  const roles = roleNames(await readRoleSettings(session));
  const databases = await applicationDatabases(session);
  const canaries = await inDatabases(databases, open, (each) => overridingCanaries(each, roles));
  const refused = canaries.flat().filter(({ sqlstate }) => sqlstate !== '00000');
  if (refused.length > 0) throw new Error(`${refused.length} writes were refused`);
}

interface Work {
  readonly name: string;
  readonly run: () => Promise<unknown>;
}

function works(blue: Side, green: Side, server: Instance, { rows }: Population): readonly Work[] {
  const equal = (differences: readonly string[]): void => {
    if (differences.length > 0) throw new Error(differences.join('; '));
  };
  return [
    {
      name: 'verify: Physical, both sides',
      run: async () => {
        const { structure, state } = await comparePhysically(blue, green, []);
        equal([...structure, ...state]);
      },
    },
    { name: "the fence's evidence, and again at commit", run: () => catalogDigest(blue.session, blue.open) },
    { name: "the fence's canaries, as every role in every database", run: () => writeAsAll(blue) },
    ...(rows > 0
      ? [
          {
            name: 'verify: Full besides, both sides',
            run: async () => {
              equal((await compareContent(blue, green, () => undefined)).differences);
            },
          },
        ]
      : []),
    ...(existsSync(PG_DUMP) ? [{ name: PEER, run: () => dump(server) }] : []),
  ];
}

async function measure(population: Population): Promise<void> {
  const template = await makeTemplate();
  try {
    await populate(join(template.folder, 'data'), population);
    const servers = await BlueGreen.start(template);
    try {
      await compare(servers, population);
    } finally {
      await servers.stop();
    }
  } finally {
    removeTemplate(template);
  }
}

async function compare(servers: BlueGreen, population: Population): Promise<void> {
  servers.publish('bestie', servers.blue);
  const blue = await side(servers, 'bestie');
  const point = await makeRestorePoint(blue.session, 'bench');
  process.stderr.write(`${population.name}: cloning to ${point.lsn}\n`);
  servers.publish('bestie2', await servers.clone('bestie2', 'bench'));
  const green = await side(servers, 'bestie2');
  const all = works(blue, green, servers.blue, population);
  const took = new Map(all.map(({ name }) => [name, [] as number[]]));
  for (let turn = 0; turn < TURNS; turn++) {
    for (const { name, run } of all) took.get(name)?.push(await seconds(run));
  }
  const digests = [await catalogDigest(blue.session, blue.open), await catalogDigest(blue.session, blue.open)] as const;
  if (changedParts(...digests).length > 0) throw new Error('the evidence of what stands still differs');
  await Promise.all([blue.session.close(), green.session.close()]);
  print(population, took);
}

function print({ name }: Population, took: ReadonlyMap<string, readonly number[]>): void {
  const table = new Table({ head: [name, 'median', 'fastest', 'ratio'], style: { head: [], border: [] } });
  // NaN where there is no pg_dump of this version.
  const peer = median(took.get(PEER) ?? []);
  for (const [work, values] of took) {
    const text = [median(values), Math.min(...values)].map((value) => `${value.toFixed(2)} s`);
    table.push([work, ...text, (median(values) / peer).toFixed(2)]);
  }
  process.stdout.write(`PostgreSQL ${POSTGRES}, ${TURNS} turns\n${table.toString()}\n`);
}

for (const [index, population] of POPULATIONS.entries()) {
  if (ONLY === undefined || Number(ONLY) === index + 1) await measure(population);
}
