import { hashCatalogs, type Catalogs } from './catalogs.ts';
import { relationsOf, shortHash, tableDigest, useTextSettings } from './digest.ts';
import { inDatabases } from './readers.ts';
import { applicationDatabases } from './relations.ts';
import { readSequences } from './sequences.ts';
import { withSession, type OpenSession, type Session } from './session.ts';

/** Of roles also without what closing a server changes, so that more than that can be told. */
const ROLES = `
  SELECT coalesce(sum(hashtextextended((to_jsonb(r) - 'rolcanlogin')::text, 0)), 0)::text AS hash FROM pg_catalog.pg_authid r`;

async function sharedPart(session: Session): Promise<Catalogs> {
  await useTextSettings(session);
  const [roles] = await session.query<{ hash: string }>(ROLES);
  return new Map([...(await hashCatalogs(session, 'shared')), ['roles', roles?.hash ?? '']]);
}

interface DatabasePart {
  readonly catalogs: Catalogs;
  readonly sequences: readonly string[];
  readonly views: readonly string[];
}

async function databasePart(session: Session): Promise<DatabasePart> {
  await useTextSettings(session);
  const views: string[] = [];
  for (const view of await relationsOf(session, 'view')) {
    const { rows, hash } = await tableDigest(session, view);
    views.push(`${view.name} ${rows} ${hash}`);
  }
  return {
    catalogs: await hashCatalogs(session, 'database'),
    // How far the WAL is ahead changes at a checkpoint, and is no value that anyone was given.
    sequences: (await readSequences(session)).map(({ name, last, called }) => `${name} ${last} ${called}`),
    views,
  };
}

/**
 * What a table lock does not stop, as one value to compare (F4): every catalog, sequences and materialized views.
 * `part=hash` pairs, so that a difference can be named.
 * @param session superuser, in the maintenance database. @param open further superuser sessions.
 */
export async function catalogDigest(session: Session, open: OpenSession): Promise<string> {
  const databases = await applicationDatabases(session);
  const parts = await inDatabases(databases, open, databasePart);
  const of = (select: (part: DatabasePart) => readonly string[]): string =>
    shortHash(parts.map((part, index) => [databases[index], ...select(part)].join('\n')).join('\n\n'));
  const shared = await withSession(open(session.database), sharedPart);
  const names = new Set(parts.flatMap(({ catalogs }) => [...catalogs.keys()]));
  return [
    ...[...shared].map(([name, hash]) => [name, shortHash(hash)]),
    ...[...names].map((name) => [name, of(({ catalogs }) => [catalogs.get(name) ?? ''])]),
    ['sequences', of(({ sequences }) => sequences)],
    ['materialized-views', of(({ views }) => views)],
  ]
    .map((pair) => pair.join('='))
    .join(' ');
}

/** Names of the parts in which two digests differ. */
export function changedParts(before: string, after: string): readonly string[] {
  const known = new Set(before.split(' '));
  return after
    .split(' ')
    .filter((pair) => !known.has(pair))
    .map((pair) => pair.split('=')[0] ?? pair);
}
