import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { connect } from '../../../plugin/postgres/connect.ts';
import type { Session } from '../../../plugin/postgres/session.ts';
import type { Moment } from '../../../plugin/restorable/moment.ts';
import { copyData, folderOf, type Template } from './blue-green.ts';
import { Instance, PASSWORDS } from './instance.ts';
import { publishSecrets } from './publish-secrets.ts';

/** One server with a pgBackRest repository of its own, as a database's container has it: stanza `db`, configured by default. */
export class ArchivedServer {
  readonly folder: string;
  readonly server: Instance;
  /** Where the Secrets of instance `bestie` are mounted. */
  readonly secrets: string;
  readonly #template: Template;
  readonly #environment: Readonly<Record<string, string>>;

  private constructor(template: Template, folder: string, server: Instance, environment: Record<string, string>) {
    this.folder = folder;
    this.server = server;
    this.secrets = join(folder, 'secrets');
    this.#template = template;
    this.#environment = environment;
  }

  /** Started, with a stanza and no backup. @param global options of pgBackRest besides. */
  static async start(template: Template, global: Readonly<Record<string, string>> = {}): Promise<ArchivedServer> {
    const folder = folderOf(template.identity);
    const data = join(folder, 'data');
    await copyData(template, data);
    const config = join(folder, 'pgbackrest.conf');
    const environment = { PGBACKREST_CONFIG: config };
    const server = await Instance.over('bestie', data, environment);
    const options = {
      'repo1-path': join(folder, 'repo1'),
      'lock-path': folder,
      'log-path': folder,
      'log-level-file': 'off',
    };
    const lines = Object.entries({ ...options, 'start-fast': 'y', ...global }).map(
      ([key, value]) => `${key}=${value}\n`,
    );
    writeFileSync(config, `[global]\n${lines.join('')}\n[db]\npg1-path=${data}\npg1-port=${server.port}\n`);
    appendFileSync(config, `pg1-socket-path=${data}\npg1-user=postgres\n`);
    server.configure({ archive_command: 'pgbackrest --stanza=db archive-push %p' });
    await server.start();
    const it = new ArchivedServer(template, folder, server, environment);
    await it.pgBackRest('stanza-create');
    it.publish();
    return it;
  }

  publish(passwords: Readonly<Record<string, string>> = PASSWORDS): void {
    const { secrets, server } = this;
    const ca = join(this.#template.folder, 'ca.crt');
    publishSecrets({ secrets, instance: server.name, port: server.port, ca, passwords });
  }

  /** Runs pgBackRest for the stanza, as the server's user. */
  async pgBackRest(...args: readonly string[]): Promise<string> {
    const run = { ...this.#template.identity, cwd: this.folder, env: this.#environment };
    return (await execa('pgbackrest', ['--stanza=db', '--log-level-console=warn', ...args], run)).stdout;
  }

  /** A superuser's session, as a step opens it. */
  openSuperuser(database = 'postgres'): Promise<Session> {
    const folder = join(this.secrets, this.server.name);
    const ca = join(folder, 'ca', 'ca.crt');
    return connect({ folder: join(folder, 'superuser'), ca, database, applicationName: 'test' });
  }

  /** @returns the new backup's label, when its end is a second ago: pgBackRest tells that to the second. */
  async backup(type: 'full' | 'incr'): Promise<string> {
    await this.pgBackRest(`--type=${type}`, 'backup');
    await delay(1000);
    const info = JSON.parse(await this.pgBackRest('--output=json', 'info')) as [{ backup: { label: string }[] }];
    return info[0].backup.at(-1)?.label ?? '';
  }

  /** By the server's clock. */
  async now(): Promise<Moment> {
    const [row] = await this.server.sql<{ at: string }>(
      'SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint::text AS at',
    );
    return Number(row?.at);
  }

  /** A table of the application's, for words. */
  async makeTable(): Promise<void> {
    await this.server.sql('CREATE TABLE kept (word text); ALTER TABLE kept OWNER TO bestie', 'bestie');
  }

  /** What is in it, in order. */
  async words(): Promise<string> {
    const rows = await this.server.sql<{ word: string }>('SELECT word FROM kept ORDER BY word', 'bestie');
    return rows.map(({ word }) => word).join(' ');
  }

  /** Loses a WAL segment of the archive. */
  async forget(segment: string): Promise<void> {
    const { stdout } = await execa('find', [join(this.folder, 'repo1/archive'), '-name', `${segment}-*`]);
    rmSync(stdout);
  }

  /** As the operator does it in place: server down, `pgbackrest restore`, replayed, promoted. @param options as it is handed them. */
  async restore(options: readonly string[]): Promise<void> {
    await this.server.stop('SIGINT');
    const targeted = options.some((option) => option.startsWith('--target=')) || options.includes('--type=immediate');
    const action = targeted ? ['--target-action=promote'] : [];
    const command = ['pgbackrest', '--stanza=db', '--repo=1', ...options, ...action, '--delta', 'restore'].join(' ');
    const run = { ...this.#template.identity, cwd: this.folder, env: this.#environment };
    await execa('bash', ['-c', command], run);
    await this.server.start();
    await this.server.promoted();
  }

  async stop(): Promise<void> {
    await this.server.stop();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
