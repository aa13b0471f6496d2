import pg from 'pg';
import type { OperatorRole } from '../core/users.ts';
import type { User } from '../edge/ensure-users.ts';
import { operatorRoleSetup } from './operator-roles.ts';

const { escapeIdentifier, escapeLiteral } = pg;

/**
 * A psql script that brings roles, passwords and databases to what the spec says; nothing is ever dropped. The role
 * may make tables in `public` of its databases, and the database is the superuser's, as with the operator.
 */
export function usersSql(users: readonly User[]): string {
  const own = users.filter(isOperators);
  const databases = [...new Set(['postgres', 'template1', ...users.flatMap(({ spec }) => spec.databases ?? [])])];
  return [
    '\\set ON_ERROR_STOP on\n',
    ...users.map((user) => roleSql(user) + databasesSql(user)),
    ...(own.length === 0 ? [] : databases.map((name) => setupSql(name, own))),
  ].join('');
}

const isOperators = (user: User): user is OperatorUser => user.role !== undefined;
type OperatorUser = User & { readonly role: OperatorRole };

const setupSql = (database: string, users: readonly OperatorUser[]): string =>
  `\\connect ${escapeIdentifier(database)}\n${users.map(({ role }) => operatorRoleSetup(role)).join('')}`;

function roleSql({ spec, verifier }: User): string {
  const role = escapeIdentifier(spec.name);
  const options = spec.name === 'postgres' ? '' : (spec.options ?? '');
  return `SELECT 'CREATE ROLE ${role}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${escapeLiteral(spec.name)}) \\gexec
ALTER ROLE ${role} WITH LOGIN ${options} PASSWORD ${escapeLiteral(verifier)};
`;
}

function databasesSql({ spec }: User): string {
  const role = escapeIdentifier(spec.name);
  const databases = spec.name === 'postgres' ? [] : (spec.databases ?? []);
  return databases
    .map((name) => {
      const database = escapeIdentifier(name);
      return `SELECT 'CREATE DATABASE ${database}' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = ${escapeLiteral(name)}) \\gexec
GRANT ALL ON DATABASE ${database} TO ${role};
\\connect ${database}
GRANT ALL ON SCHEMA public TO ${role};
`;
    })
    .join('');
}
