import { OWN_SUPERUSER } from '../roles.ts';
import { problemsOf, type ServerGuard } from './guard.ts';

const SUPERUSERS = `
  SELECT format('role %I is a superuser, so no fence holds it: ALTER ROLE %I NOSUPERUSER', rolname, rolname) AS problem
    FROM pg_roles WHERE rolcanlogin AND rolsuper AND NOT ${OWN_SUPERUSER}
  UNION ALL
  SELECT format('role %I may become superuser %I: REVOKE %I FROM %I', m.rolname, s.rolname, s.rolname, m.rolname)
    FROM pg_roles m, pg_roles s
   WHERE m.rolcanlogin AND NOT m.rolsuper AND s.rolsuper AND pg_has_role(m.oid, s.oid, 'MEMBER')
  UNION ALL
  SELECT format('there is no role %I, which spec.database.user names', $1::text)
   WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)`;

/** Roles that no setting holds, and the application's own role. */
export const roles: ServerGuard = ({ session, request }) => problemsOf(session, SUPERUSERS, [request.database.user]);
