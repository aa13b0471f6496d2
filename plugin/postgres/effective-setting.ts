import type { RoleSettings } from '../lifecycle/status.ts';
import { alter, recorded } from './roles.ts';
import type { Session } from './session.ts';

/** What a setting is for a role's next session in a database, and the statement that takes it back. */
export interface EffectiveSetting {
  readonly value: string;
  readonly reset: string;
}

/** Rows that hold for every role, by database, and what the server's files say. */
const OTHERS = `
  SELECT 'ALTER DATABASE ' || quote_ident(d.datname) AS alter, s.setconfig AS settings
    FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase WHERE s.setrole = 0 AND d.datname = $1
  UNION ALL
  SELECT 'ALTER ROLE ALL', setconfig FROM pg_db_role_setting WHERE setrole = 0 AND setdatabase = 0
  UNION ALL
  SELECT 'ALTER SYSTEM', ARRAY[name || '=' || setting] FROM pg_file_settings WHERE name = $2 AND applied`;

/**
 * In the order in which PostgreSQL takes them (process_settings in postinit.c): the role's in this database, the role's,
 * the database's, every role's, the server's.
 * @param roles the role's own rows, which a fence changes: as they were before it.
 * @returns undefined where nobody has set it.
 */
export async function effectiveSetting(
  session: Session,
  roles: readonly RoleSettings[],
  { role, database, name }: { readonly role: string; readonly database: string; readonly name: string },
): Promise<EffectiveSetting | undefined> {
  const own = [database, ''].flatMap((each) => roles.filter((row) => row.role === role && row.database === each));
  const others = await session.query<{ alter: string; settings: string[] | null }>(OTHERS, [database, name]);
  for (const row of [...own.map((each) => ({ ...each, alter: alter(each) })), ...others]) {
    const value = recorded(row, name);
    if (value !== undefined) return { value, reset: `${row.alter} RESET ${name}` };
  }
  return undefined;
}
