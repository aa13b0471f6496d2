import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

export interface Place {
  /** Where all that it writes is. */
  readonly folder: string;
  /** Program, templates and texts. */
  readonly program: string;
  readonly host: string;
  readonly port: number;
  /** Name of the system's user that it runs as; it refuses root. */
  readonly user: string;
}

/** Part of a no-reply address: whoever hides his own has `<login>@` it in commits that are made in the browser. */
const NO_REPLY = 'noreply.gitea.test';

/** As an `app.ini`: nothing of the world is asked, nobody registers, what costs time and is not looked at is off. */
export function settings({ folder, program, host, port, user }: Place): string {
  const url = `http://${host}:${port}/`;
  const secret = (): string => randomBytes(32).toString('hex');
  const sections: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>> = {
    '': { APP_NAME: 'lab', RUN_MODE: 'prod', RUN_USER: user, WORK_PATH: folder },
    server: {
      ...{ PROTOCOL: 'http', HTTP_ADDR: host, HTTP_PORT: port, ROOT_URL: url, LOCAL_ROOT_URL: url },
      ...{ STATIC_ROOT_PATH: program, DISABLE_SSH: true, OFFLINE_MODE: true, LFS_START_SERVER: false },
    },
    database: { DB_TYPE: 'sqlite3', PATH: join(folder, 'gitea.db'), SQLITE_JOURNAL_MODE: 'WAL' },
    security: {
      ...{ INSTALL_LOCK: true, SECRET_KEY: secret(), INTERNAL_TOKEN: secret() },
      // Every call of a test gives a password or a token, and the default takes tens of milliseconds to compare one.
      ...{ PASSWORD_HASH_ALGO: 'pbkdf2$2$50', MIN_PASSWORD_LENGTH: 6, PASSWORD_COMPLEXITY: 'off' },
    },
    repository: { ROOT: join(folder, 'repositories'), DEFAULT_BRANCH: 'main' },
    service: { DISABLE_REGISTRATION: true, NO_REPLY_ADDRESS: NO_REPLY, DEFAULT_KEEP_EMAIL_PRIVATE: true },
    webhook: { ALLOWED_HOST_LIST: '*', DELIVER_TIMEOUT: 5 },
    log: { MODE: 'console', LEVEL: 'Warn' },
    session: { PROVIDER: 'memory' },
    indexer: { ISSUE_INDEXER_TYPE: 'db' },
    oauth2: { ENABLED: false },
    mailer: { ENABLED: false },
    actions: { ENABLED: false },
    packages: { ENABLED: false },
    cron: { ENABLED: false },
    'cron.update_checker': { ENABLED: false },
  };
  return Object.entries(sections)
    .map(([name, values]) => {
      const lines = Object.entries(values).map(([key, value]) => `${key} = ${String(value)}\n`);
      return `${name === '' ? '' : `[${name}]\n`}${lines.join('')}`;
    })
    .join('\n');
}
