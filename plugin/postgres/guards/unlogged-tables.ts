import type { DatabaseGuard } from './guard.ts';

const UNLOGGED = `
  SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind = 'r' AND c.relpersistence = 'u'`;

export const unloggedTables: DatabaseGuard = async (session) => {
  const problems: string[] = [];
  for (const { name } of await session.query<{ name: string }>(UNLOGGED)) {
    const [row] = await session.query<{ filled: boolean }>(`SELECT EXISTS (SELECT FROM ${name}) AS filled`);
    if (row?.filled === true) {
      problems.push(
        `table ${name} in database ${session.database} is unlogged and has rows, which no clone carries: ` +
          `ALTER TABLE ${name} SET LOGGED`,
      );
    }
  }
  return problems;
};
