import type { RoleSettings } from '../lifecycle/status.ts';
import { quoteIdentifier, quoteLiteral } from './quote.ts';
import type { Session } from './session.ts';

/** Roles of the operator (PGO: replication between instances, pgBouncer, the exporter), with the attributes it gives them. */
const OPERATOR_ROLES = `(rolname = '_crunchyrepl' OR rolname IN ('_crunchypgbouncer', 'ccp_monitoring') AND NOT rolreplication)
  AND NOT rolsuper AND NOT rolcreaterole AND NOT rolcreatedb AND NOT rolbypassrls`;

/** Superusers that the operator and the steps log in as. Another one no fence holds: a guard refuses it. */
export const OWN_SUPERUSER = `(rolsuper AND rolname IN ('postgres', (SELECT first.rolname FROM pg_catalog.pg_roles first WHERE first.oid = 10)))`;

/**
 * The only roles that are not the application's (ADR 11): provably the operator's or ours, by name and by attributes. Their
 * settings and logins are left alone; locks stop them like everybody, and whatever of theirs stands in the way is ended.
 */
const SPARED_ROLE = `(${OWN_SUPERUSER} OR ${OPERATOR_ROLES})`;

/** F1: every other role that logs in, one with REPLICATION too. */
const APPLICATION_ROLE = `rolcanlogin AND NOT ${SPARED_ROLE}`;

/**
 * Schemas in which the operator keeps what is its own (the exporter's tables, pgBouncer's function) and makes it anew on each
 * cluster: by name, by owner, and only where no other role may look into it.
 */
export const OPERATOR_SCHEMA = `(nspname IN ('monitor', 'pgbouncer')
  AND nspowner IN (SELECT o.oid FROM pg_catalog.pg_roles o WHERE ${SPARED_ROLE})
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE rolname !~ '^pg_' AND NOT ${SPARED_ROLE}
                     AND has_schema_privilege(r.oid, pg_namespace.oid, 'USAGE')))`;

/** Those whose password the operator gives each cluster anew. */
export async function sparedRoles(session: Session): Promise<readonly string[]> {
  const rows = await session.query<{ role: string }>(`SELECT rolname AS role FROM pg_roles WHERE ${SPARED_ROLE}`);
  return rows.map(({ role }) => role);
}

/** What the fence sets on a role, and the only settings that it takes back. */
const FENCE_SETTINGS: Readonly<Record<string, string>> = {
  default_transaction_read_only: 'on',
  lock_timeout: '1s',
};
const FENCE_KEYS = Object.keys(FENCE_SETTINGS);

/**
 * The settings of every application role, as `pg_db_role_setting` has them: one entry role-wide for each role (also
 * without settings: that it is listed says that it is an application role), and one for each database row.
 */
export async function readRoleSettings(session: Session): Promise<RoleSettings[]> {
  const rows = await session.query<RoleSettings>(`
    SELECT r.rolname AS role, '' AS database, s.setconfig AS settings
      FROM pg_roles r LEFT JOIN pg_db_role_setting s ON s.setrole = r.oid AND s.setdatabase = 0
     WHERE ${APPLICATION_ROLE}
    UNION ALL
    SELECT r.rolname, d.datname, s.setconfig
      FROM pg_roles r JOIN pg_db_role_setting s ON s.setrole = r.oid JOIN pg_database d ON d.oid = s.setdatabase
     WHERE ${APPLICATION_ROLE}
     ORDER BY 1, 2`);
  return [...rows];
}

/** The distinct roles of a record. */
export const roleNames = (roles: readonly RoleSettings[]): readonly string[] => [
  ...new Set(roles.map(({ role }) => role)),
];

/** A setting's value in a row of `pg_db_role_setting`. */
export const recorded = ({ settings }: Pick<RoleSettings, 'settings'>, key: string): string | undefined =>
  settings?.find((entry) => entry.startsWith(`${key}=`))?.slice(key.length + 1);

/** Whose settings a row holds, as a statement's beginning. */
export const alter = ({ role, database }: RoleSettings): string =>
  `ALTER ROLE ${quoteIdentifier(role)}${database === '' ? '' : ` IN DATABASE ${quoteIdentifier(database)}`}`;

/**
 * Makes the application's roles read-only by default, as F1 does: role-wide, and in a database where a row of its own
 * would win. It reaches only new sessions.
 * @param roles as read before by `readRoleSettings`; @returns them, or what it read itself.
 */
export async function closeRoles(session: Session, roles?: readonly RoleSettings[]): Promise<readonly RoleSettings[]> {
  const before = roles ?? (await readRoleSettings(session));
  await inTransaction(
    session,
    before.flatMap((row) =>
      FENCE_KEYS.filter((key) => row.database === '' || recorded(row, key) !== undefined).map(
        (key) => `${alter(row)} SET ${key} = ${quoteLiteral(FENCE_SETTINGS[key] ?? '')}`,
      ),
    ),
  );
  return before;
}

/** What a fence recorded; without a record (a rehearsal's clone) the roles as they are, without the two settings. */
export async function settingsBefore(
  session: Session,
  recordedRoles?: readonly RoleSettings[],
): Promise<readonly RoleSettings[]> {
  return recordedRoles ?? (await readRoleSettings(session)).map((row) => ({ ...row, settings: null }));
}

/**
 * Puts the two settings back exactly as they were recorded, and lets the roles log in.
 * @param roles as recorded before `closeRoles`; without, the two settings are dropped (a rehearsal's clone).
 */
export async function openRoles(session: Session, roles?: readonly RoleSettings[]): Promise<void> {
  const present = await existing(session, await settingsBefore(session, roles));
  await inTransaction(session, [
    ...restoring(present),
    ...roleNames(present).map((role) => `ALTER ROLE ${quoteIdentifier(role)} LOGIN`),
  ]);
}

/** Whether new sessions of these roles are read-only by default, as far as the roles' own settings say. */
export const areClosed = (roles: readonly RoleSettings[]): boolean =>
  roles.every((row) => {
    const value = recorded(row, 'default_transaction_read_only');
    return value === 'on' || (row.database !== '' && value === undefined);
  });

/**
 * Roles that stand as a fence leaves them and did not before it: with both of its settings role-wide, which come and go in one
 * transaction. One of them alone is somebody's own.
 */
export function stillFenced(now: readonly RoleSettings[], before: readonly RoleSettings[]): readonly string[] {
  const fenced = (rows: readonly RoleSettings[], role: string): boolean =>
    rows.some(
      (row) =>
        row.role === role &&
        row.database === '' &&
        FENCE_KEYS.every((key) => recorded(row, key) === FENCE_SETTINGS[key]),
    );
  return roleNames(before).filter((role) => fenced(now, role) && !fenced(before, role));
}

/** Of several rows for one role and database the first. */
export function firstOfEach(rows: readonly RoleSettings[]): readonly RoleSettings[] {
  const first = new Map<string, RoleSettings>();
  for (const row of rows) {
    const key = JSON.stringify([row.role, row.database]);
    if (!first.has(key)) first.set(key, row);
  }
  return [...first.values()];
}

/** The settings of before a fence, where a database was restored to a moment within one. */
export function withoutFence(rows: readonly RoleSettings[]): readonly RoleSettings[] {
  const fenced = stillFenced(
    rows,
    roleNames(rows).map((role) => ({ role, database: '', settings: null })),
  );
  return rows.map((row) =>
    fenced.includes(row.role)
      ? { ...row, settings: row.settings?.filter((entry) => !FENCE_KEYS.includes(entry.split('=')[0] ?? '')) ?? null }
      : row,
  );
}

/** Those of these roles that cannot log in. */
export async function lockedOut(session: Session, roles: readonly string[]): Promise<readonly string[]> {
  const rows = await session.query<{ role: string }>(
    'SELECT rolname AS role FROM pg_roles WHERE rolname = ANY ($1::name[]) AND NOT rolcanlogin',
    [roles],
  );
  return rows.map(({ role }) => role);
}

/** Puts the two settings back exactly as they were recorded, and nothing else: who may not log in still may not. */
export async function restoreSettings(session: Session, roles: readonly RoleSettings[]): Promise<void> {
  const present = await existing(session, roles);
  await inTransaction(session, restoring(present));
}

const restoring = (rows: readonly RoleSettings[]): readonly string[] =>
  rows.flatMap((row) => FENCE_KEYS.map((key) => restore(row, key)));

function restore(row: RoleSettings, key: string): string {
  const value = recorded(row, key);
  return value === undefined ? `${alter(row)} RESET ${key}` : `${alter(row)} SET ${key} = ${quoteLiteral(value)}`;
}

/** Whether each role's own default of read-only, role-wide and in each database, is what was recorded. */
export async function readOnlyAsRecorded(session: Session, before: readonly RoleSettings[]): Promise<boolean> {
  const names = roleNames(before);
  const defaults = (rows: readonly RoleSettings[]): string =>
    rows
      .filter(({ role }) => names.includes(role))
      .map((row) => JSON.stringify([row.role, row.database, recorded(row, 'default_transaction_read_only')]))
      .filter((text) => !text.endsWith('null]'))
      .sort()
      .join();
  return defaults(await readRoleSettings(session)) === defaults(before);
}

/**
 * No new sessions for these roles; those that there are stay (E ends them). A role that has no LOGIN is not written again: its row
 * says which transaction took it (`committedSince`).
 */
export async function denyLogin(session: Session, roles: readonly string[]): Promise<void> {
  const rows = await session.query<{ role: string }>(
    'SELECT rolname AS role FROM pg_roles WHERE rolname = ANY ($1::name[]) AND rolcanlogin ORDER BY 1',
    [roles],
  );
  await inTransaction(
    session,
    rows.map(({ role }) => `ALTER ROLE ${quoteIdentifier(role)} NOLOGIN`),
  );
}

/** Lets roles log in that are there. */
export async function allowLogin(session: Session, roles: readonly string[]): Promise<void> {
  const closed = await lockedOut(session, roles);
  await inTransaction(
    session,
    closed.map((role) => `ALTER ROLE ${quoteIdentifier(role)} LOGIN`),
  );
}

/** A role or a database may have been dropped since it was recorded. */
async function existing(session: Session, rows: readonly RoleSettings[]): Promise<readonly RoleSettings[]> {
  const roles = await session.query<{ name: string }>('SELECT rolname AS name FROM pg_roles');
  const databases = await session.query<{ name: string }>('SELECT datname AS name FROM pg_database');
  const roleSet = new Set(roles.map(({ name }) => name));
  const databaseSet = new Set(['', ...databases.map(({ name }) => name)]);
  return rows.filter(({ role, database }) => roleSet.has(role) && databaseSet.has(database));
}

async function inTransaction(session: Session, statements: readonly string[]): Promise<void> {
  await session.query('BEGIN READ WRITE');
  try {
    for (const statement of statements) await session.query(statement);
    await session.query('COMMIT');
  } catch (error) {
    await session.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
