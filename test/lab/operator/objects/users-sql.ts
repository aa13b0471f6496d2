import pg from 'pg';
import type { User } from '../edge/ensure-users.ts';

const { escapeIdentifier, escapeLiteral } = pg;

/**
 * A psql script that brings roles, passwords and databases to what the spec says; nothing is ever dropped. The role
 * may make tables in `public` of its databases, and the database is the superuser's, as with the operator.
 */
export function usersSql(users: readonly User[]): string {
  return `\\set ON_ERROR_STOP on\n${users.map((user) => roleSql(user) + databasesSql(user)).join('')}`;
}

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
