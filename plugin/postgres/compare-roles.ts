import { listDifferences, type Side } from './compare.ts';
import { CATALOG_SECONDS } from './session.ts';

const ROLES = `
  SELECT r.rolname AS name,
         md5(concat_ws('|', r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolreplication, r.rolbypassrls,
             r.rolconnlimit, r.rolvaliduntil, CASE WHEN r.rolname <> ALL ($1::name[]) THEN a.rolpassword END,
             (SELECT string_agg(s.setconfig::text || coalesce(d.datname, ''), '|' ORDER BY d.datname)
                FROM pg_db_role_setting s LEFT JOIN pg_database d ON d.oid = s.setdatabase WHERE s.setrole = r.oid),
             (SELECT string_agg(g.rolname || m.admin_option, '|' ORDER BY g.rolname)
                FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid))) AS hash
    FROM pg_roles r JOIN pg_authid a ON a.oid = r.oid ORDER BY 1`;

/**
 * Roles with their attributes, memberships and settings; not whether they can log in, which verify itself takes from them.
 * @param operatorRoles roles whose password the operator gives each cluster anew.
 */
export async function compareRoles(
  source: Side,
  clone: Side,
  operatorRoles: readonly string[],
): Promise<readonly string[]> {
  const read = async ({ session }: Side): Promise<Map<string, string>> =>
    new Map(
      (await session.query<{ name: string; hash: string }>(ROLES, [operatorRoles], CATALOG_SECONDS)).map((r) => [
        r.name,
        r.hash,
      ]),
    );
  const [left, right] = await Promise.all([read(source), read(clone)]);
  return [
    ...listDifferences('role', [...left.keys()], [...right.keys()], source, clone),
    ...[...left]
      .filter(([name, hash]) => right.has(name) && right.get(name) !== hash)
      .map(([name]) => `role ${name} has other attributes, memberships or settings on ${clone.name}`),
  ];
}
