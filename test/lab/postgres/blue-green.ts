import { chmodSync, chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { connect } from '../../../plugin/postgres/connect.ts';
import type { Session } from '../../../plugin/postgres/session.ts';
import { makeCertificates } from './certificates.ts';
import { Instance, PASSWORDS } from './instance.ts';
import { makeFolder } from './make-folder.ts';
import { publishSecrets } from './publish-secrets.ts';
import { serverIdentity, type Identity } from './server.ts';
import { program } from './versions.ts';

export const TABLES = 30;

/** What blue holds before the test: an application with 30 tables and a role of its own, a second database, a reporter. */
const SEED = [
  `CREATE ROLE bestie LOGIN PASSWORD '${PASSWORDS.bestie ?? ''}'`,
  `CREATE ROLE reporter LOGIN PASSWORD 'reporter-secret'`,
  `CREATE ROLE _crunchyrepl LOGIN REPLICATION`,
  'CREATE DATABASE bestie OWNER bestie',
  'CREATE DATABASE second OWNER bestie',
  `ALTER ROLE bestie SET work_mem = '5MB'`,
  `ALTER ROLE reporter SET lock_timeout = '7s'`,
  `ALTER ROLE reporter IN DATABASE bestie SET default_transaction_read_only = off`,
];
const SEED_BESTIE = [
  ...Array.from(
    { length: TABLES },
    (_, n) => `CREATE TABLE t${n} (id bigserial PRIMARY KEY, writer text, n int, at timestamptz DEFAULT now())`,
  ),
  'INSERT INTO t0 (writer, n) SELECT $$seed$$, n FROM generate_series(1, 1000) AS n',
  'CREATE MATERIALIZED VIEW totals AS SELECT writer, count(*) FROM t0 GROUP BY writer',
  ...Array.from({ length: TABLES }, (_, n) => `ALTER TABLE t${n} OWNER TO bestie`),
  'ALTER MATERIALIZED VIEW totals OWNER TO bestie',
  'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO reporter',
  'GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO reporter',
  'GRANT CREATE ON SCHEMA public TO bestie',
];
const SEED_SECOND = ['CREATE TABLE notes (id int, note text)', 'ALTER TABLE notes OWNER TO bestie'];

const HBA = 'local all all trust\nlocal replication all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n';

/**
 * Blue, its archive, and clones of it, in a folder of their own: TLS by a CA, WAL archived, credentials in the layout
 * in which a step's pod has them mounted.
 */
export class BlueGreen {
  readonly folder: string;
  readonly secrets: string;
  readonly blue: Instance;
  readonly #archive: string;
  readonly #template: string;
  readonly #identity: Identity;
  readonly #running: Instance[] = [];

  private constructor(template: Template, folder: string, blue: Instance) {
    this.folder = folder;
    this.secrets = join(folder, 'secrets');
    this.#archive = join(folder, 'archive');
    this.#template = template.folder;
    this.#identity = template.identity;
    this.blue = blue;
  }

  static async start(template: Template, settings: Readonly<Record<string, string>> = {}): Promise<BlueGreen> {
    const folder = folderOf(template.identity);
    const data = join(folder, 'blue');
    await copyData(template, data);
    const world = new BlueGreen(template, folder, await Instance.over('bestie', data));
    world.#own(world.#archive);
    world.blue.configure({
      archive_command: `test ! -f ${world.#archive}/%f && cp %p ${world.#archive}/%f`,
      ...settings,
    });
    await world.#run(world.blue);
    return world;
  }

  /** Starts a copy of the template in archive recovery up to the restore point, as a clone from a backup does. */
  async clone(name: string, restorePoint: string): Promise<Instance> {
    const clone = await this.#copy(name);
    clone.configure({
      archive_mode: 'off',
      restore_command: `cp ${this.#archive}/%f %p`,
      recovery_target_name: restorePoint,
      recovery_target_action: 'promote',
    });
    clone.signal('recovery');
    await this.#run(clone);
    await clone.promoted();
    return clone;
  }

  /** A standby that streams from blue. */
  async standby(name: string): Promise<Instance> {
    const standby = await this.#copy(name);
    standby.configure({
      archive_mode: 'off',
      restore_command: `cp ${this.#archive}/%f %p`,
      primary_conninfo: `host=${this.blue.data} port=${this.blue.port} user=postgres`,
    });
    standby.signal('standby');
    await this.#run(standby);
    return standby;
  }

  /**
   * Points the mounted Secrets of an instance at a server, as the operator's Service would.
   * @param secrets where they are mounted.
   */
  publish(instance: string, server: Pick<Instance, 'port'>, secrets = this.secrets): void {
    publishSecrets({ secrets, instance, port: server.port, ca: join(this.#template, 'ca.crt') });
  }

  /** A superuser's session on blue, once that is published, as a step opens it. */
  openBlue(database: string): Promise<Session> {
    const folder = join(this.secrets, 'bestie');
    return connect({
      folder: join(folder, 'superuser'),
      ca: join(folder, 'ca', 'ca.crt'),
      database,
      applicationName: 'test',
    });
  }

  /** Gives an instance's application Secret another user. */
  publishUser(instance: string, user: string): void {
    writeFileSync(join(this.secrets, instance, 'user', 'user'), user);
    writeFileSync(join(this.secrets, instance, 'user', 'password'), PASSWORDS[user] ?? '');
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.map((instance) => instance.stop()));
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #copy(name: string): Promise<Instance> {
    const data = join(this.folder, name);
    await copyData({ folder: this.#template, identity: this.#identity }, data);
    return Instance.over(name, data);
  }

  async #run(instance: Instance): Promise<void> {
    this.#running.push(instance);
    await instance.start();
  }

  #own(folder: string): void {
    mkdirSync(folder);
    const { uid, gid } = this.#identity;
    if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
  }
}

/** A seeded data directory that was shut down cleanly: blue and every clone of it start from a copy. */
export interface Template {
  readonly folder: string;
  readonly identity: Identity;
}

export function folderOf({ uid, gid }: Identity): string {
  const folder = makeFolder('bg-');
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
  chmodSync(folder, 0o755);
  return folder;
}

export const copyData = async ({ folder, identity }: Template, to: string): Promise<void> => {
  await execa('cp', ['-a', join(folder, 'data'), to], { ...identity, cwd: folder });
};

export async function makeTemplate(): Promise<Template> {
  const identity = await serverIdentity();
  const folder = folderOf(identity);
  const data = join(folder, 'data');
  const run = { ...identity, cwd: folder };
  await execa(program('initdb'), ['-D', data, '-U', 'postgres', '--no-sync', '-E', 'UTF8', '--wal-segsize=1'], run);
  await makeCertificates(folder);
  for (const file of ['server.crt', 'server.key']) {
    await execa('install', ['-m', '0600', '-o', String(identity.uid ?? 0), join(folder, file), join(data, file)]);
  }
  writeFileSync(join(data, 'pg_hba.conf'), HBA);
  const seeding = await Instance.over('template', data);
  seeding.configure({ fsync: 'off', ssl: 'on', archive_mode: 'on', archive_command: 'false', wal_level: 'logical' });
  seeding.configure({ max_prepared_transactions: '5', max_connections: '100', archive_timeout: '60' });
  await seeding.start();
  for (const statement of SEED) await seeding.sql(statement);
  for (const statement of SEED_BESTIE) await seeding.sql(statement, 'bestie');
  for (const statement of SEED_SECOND) await seeding.sql(statement, 'second');
  await seeding.sql(`ALTER ROLE postgres PASSWORD '${PASSWORDS.postgres ?? ''}'`);
  await seeding.stop('SIGINT');
  return { folder, identity };
}

export function removeTemplate({ folder }: Template): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
