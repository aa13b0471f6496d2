import { readContent, type Content } from './content.ts';
import type { TableDigest } from './digest.ts';
import { readSequences, sequenceFits, sequenceText } from './sequences.ts';
import { CATALOG_SECONDS, withSession, type OpenSession, type Session } from './session.ts';

/** One of the two servers that are compared. */
export interface Side {
  readonly name: string;
  /** Superuser session in the maintenance database. */
  readonly session: Session;
  readonly open: OpenSession;
}

export interface Comparison {
  /** In words, at most 20 of them; empty when equal. */
  readonly differences: readonly string[];
  readonly tables: number;
  readonly rows: number;
  /** Over the source's content; `readContent` of an unchanged source gives the same. */
  readonly digest: string;
}

const MOST_DIFFERENCES = 20;

/**
 * Compares a clone with its source while the source stands still: every table and materialized view by rows and
 * digest, large objects, sequences, roles with their settings.
 * @param operatorRoles roles whose password the operator gives each cluster anew.
 */
export async function compareServers(
  source: Side,
  clone: Side,
  operatorRoles: readonly string[],
  report: (message: string) => void,
): Promise<Comparison> {
  const [left, right] = await Promise.all([readSide(source, report), readSide(clone, report)]);
  const differences = [
    ...listDifferences('database', left.databases, right.databases, source, clone),
    ...compareTables(left, right, source, clone),
  ];
  for (const database of left.databases.filter((name) => right.databases.includes(name))) {
    await withSession(source.open(database), (from) =>
      withSession(clone.open(database), async (to) => {
        differences.push(...(await compareSequences(from, to, source, clone)));
      }),
    );
  }
  differences.push(...(await compareRoles(source, clone, operatorRoles)));
  const surplus = differences.length - MOST_DIFFERENCES;
  return {
    tables: left.tables.length,
    rows: left.rows,
    digest: left.digest,
    differences: surplus <= 0 ? differences : [...differences.slice(0, MOST_DIFFERENCES), `and ${surplus} more`],
  };
}

const readSide = ({ name, session, open }: Side, report: (message: string) => void): Promise<Content> =>
  readContent(session, open, (message) => {
    report(`${name}: ${message}`);
  });

/** Names that only one of two lists has. */
function listDifferences(
  kind: string,
  from: readonly string[],
  to: readonly string[],
  source: Side,
  clone: Side,
): readonly string[] {
  const [ofSource, ofClone] = [new Set(from), new Set(to)];
  return [
    ...from.filter((name) => !ofClone.has(name)).map((name) => `${kind} ${name} is not on ${clone.name}`),
    ...to.filter((name) => !ofSource.has(name)).map((name) => `${kind} ${name} is not on ${source.name}`),
  ];
}

function compareTables(left: Content, right: Content, source: Side, clone: Side): readonly string[] {
  const key = ({ database, table }: TableDigest): string => `${table} in database ${database}`;
  const others = new Map(right.tables.map((each) => [key(each), each]));
  const names = (content: Content): readonly string[] => content.tables.map(key);
  return [
    ...listDifferences('table', names(left), names(right), source, clone),
    ...left.tables.flatMap((each) => {
      const other = others.get(key(each));
      return other === undefined ? [] : digestDifference(each, other, source, clone);
    }),
  ];
}

function digestDifference(left: TableDigest, right: TableDigest, source: Side, clone: Side): readonly string[] {
  const what = `table ${left.table} in database ${left.database}`;
  if (left.rows !== right.rows) {
    return [`${what} has ${left.rows} rows on ${source.name} and ${right.rows} on ${clone.name}`];
  }
  return left.hash === right.hash ? [] : [`${what} has other content on ${clone.name}`];
}

async function compareSequences(from: Session, to: Session, source: Side, clone: Side): Promise<readonly string[]> {
  const [left, right] = [await readSequences(from), new Map((await readSequences(to)).map((s) => [s.name, s]))];
  return left.flatMap((sequence) => {
    const other = right.get(sequence.name);
    const what = `sequence ${sequence.name} in database ${from.database}`;
    if (!other) return [`${what} is not on ${clone.name}`];
    if (sequenceFits(sequence, other)) return [];
    return [
      `${what} stands at ${sequenceText(sequence)} on ${source.name} and at ${sequenceText(other)} on ${clone.name}`,
    ];
  });
}

const ROLES = `
  SELECT r.rolname AS name,
         md5(concat_ws('|', r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolreplication, r.rolbypassrls,
             r.rolconnlimit, r.rolvaliduntil, CASE WHEN r.rolname <> ALL ($1::name[]) THEN a.rolpassword END,
             (SELECT string_agg(s.setconfig::text || coalesce(d.datname, ''), '|' ORDER BY d.datname)
                FROM pg_db_role_setting s LEFT JOIN pg_database d ON d.oid = s.setdatabase WHERE s.setrole = r.oid),
             (SELECT string_agg(g.rolname || m.admin_option, '|' ORDER BY g.rolname)
                FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid))) AS hash
    FROM pg_roles r JOIN pg_authid a ON a.oid = r.oid ORDER BY 1`;

async function compareRoles(source: Side, clone: Side, operatorRoles: readonly string[]): Promise<readonly string[]> {
  const read = async ({ session }: Side): Promise<Map<string, string>> =>
    new Map(
      (await session.query<{ name: string; hash: string }>(ROLES, [operatorRoles], CATALOG_SECONDS)).map((r) => [
        r.name,
        r.hash,
      ]),
    );
  const [left, right] = [await read(source), await read(clone)];
  return [
    ...listDifferences('role', [...left.keys()], [...right.keys()], source, clone),
    ...[...left]
      .filter(([name, hash]) => right.has(name) && right.get(name) !== hash)
      .map(([name]) => `role ${name} has other attributes, memberships or settings on ${clone.name}`),
  ];
}
