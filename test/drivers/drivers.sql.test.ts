import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { execa } from 'execa';
import { migrating, recorded } from '../lab/postgres/migration.ts';
import { PASSWORDS, type Instance } from '../lab/postgres/instance.ts';
import { Switch } from '../lab/postgres/switch.ts';
import { useTemplate } from '../lab/postgres/use-template.ts';

/**
 * What people migrate with, against a fenced green: none of these programs knows of the fence. Each does what a migration
 * does, DDL and DML, in the session that its driver opens, with the variables that the migration's pod has.
 */
jest.setTimeout(600_000);

const PROGRAMS = join(import.meta.dirname, 'programs');
const JAR = '/usr/share/java';

const DRIVERS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  psql: ['psql', '--no-psqlrc', '--file=migrate.sql'],
  psycopg2: ['/usr/bin/python3', 'migrate.py'],
  pgjdbc: ['java', '-cp', `${JAR}/bsh.jar:${JAR}/postgresql.jar`, 'bsh.Interpreter', 'migrate.bsh'],
  pg: [process.execPath, '--no-warnings', 'migrate.ts'],
  pgx: ['go', 'run', '-C', 'pgx', '.'],
};

const template = useTemplate();
let it: Switch;
let green: Instance;

beforeAll(async () => {
  it = await Switch.open(template(), { windowBudgetSeconds: 3600 });
  await it.fenced();
  green = await it.verified();
});
afterAll(async () => {
  await it.close();
});

/** As in the migration's pod (render/database-env.ts). */
function environment(): Readonly<Record<string, string>> {
  const [host, port, password] = ['127.0.0.1', String(green.port), PASSWORDS['bestie'] ?? ''];
  return {
    DB_ADDR: host,
    DB_PORT: port,
    DB_DATABASE: 'bestie',
    DB_USER: 'bestie',
    DB_PASSWORD: password,
    DATABASE_URL: `postgresql://bestie:${password}@${host}:${port}/bestie`,
    // psql reads no variable but libpq's own.
    PGHOST: host,
    PGPORT: port,
    PGDATABASE: 'bestie',
    PGUSER: 'bestie',
    PGPASSWORD: password,
  };
}

async function run(driver: string): Promise<{ readonly exitCode: number | undefined; readonly all: string }> {
  const [program = '', ...words] = DRIVERS[driver] ?? [];
  const { exitCode, all } = await execa(program, words, {
    cwd: PROGRAMS,
    env: environment(),
    reject: false,
    all: true,
  });
  return { exitCode, all };
}

/** As before any migration: one plan migrates once. */
function forget(): void {
  const { steps = [], ...status } = it.ledger.status;
  it.write({ ...status, steps: steps.filter(({ step }) => step !== 'migrate') });
}

test.each(Object.keys(DRIVERS))('%s migrates green between guard and record, and at no other time', async (driver) => {
  forget();
  const before = await run(driver);
  expect(before.exitCode).not.toBe(0);
  expect(before.all).toMatch(/25006|read-only transaction|ReadOnlySqlTransaction/);
  await migrating(it.context());
  expect(await run(driver)).toMatchObject({ exitCode: 0 });
  await recorded(it.context());
  const migrated = `SELECT count(owner_${driver})::int AS rows FROM t0`;
  expect(await green.sql(migrated, 'bestie')).toEqual([{ rows: 10 }]);
  const after = await run(driver);
  expect(after.exitCode).not.toBe(0);
  expect(after.all).toMatch(/25006|read-only transaction|ReadOnlySqlTransaction/);
});
