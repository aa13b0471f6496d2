import { hashCatalogs, type Catalogs } from './catalogs.ts';
import { compareRoles } from './compare-roles.ts';
import { listDifferences, type Side } from './compare.ts';
import { useTextSettings } from './digest.ts';
import { inDatabases } from './readers.ts';
import { relationFiles, tailsWithRows, type RelationFile, type Tail } from './relation-files.ts';
import { applicationDatabases } from './relations.ts';
import { readSequences, sequenceFits, sequenceText, type SequenceState } from './sequences.ts';
import { withSession, type Session } from './session.ts';

export interface PhysicalComparison {
  /** Databases, roles, catalogs, in words: what nobody changes by just writing rows. Empty when equal. */
  readonly structure: readonly string[];
  /** Ends of files and sequences: what moves on while the source takes writes. */
  readonly state: readonly string[];
  readonly databases: number;
  readonly tables: number;
  readonly sequences: number;
}

interface DatabaseFacts {
  readonly catalogs: Catalogs;
  readonly files: readonly RelationFile[];
  readonly sequences: readonly SequenceState[];
}

interface ServerFacts {
  /** Of the catalogs that all databases share; roles are compared one by one. */
  readonly shared: Catalogs;
  readonly databases: ReadonlyMap<string, DatabaseFacts>;
}

/**
 * What a physical clone can differ in from its source while that stands still, whatever their size: every catalog, the ends
 * of all files, sequences, roles with their settings. What is in the files came with the backup and the WAL up to the
 * restore point: another content there is no clone of this source to that point, which its history would not say (ADR 20).
 * @param operatorRoles roles whose password the operator gives each cluster anew.
 */
export async function comparePhysically(
  source: Side,
  clone: Side,
  operatorRoles: readonly string[],
): Promise<PhysicalComparison> {
  const [left, right] = await Promise.all([readServer(source), readServer(clone)]);
  const names = [...left.databases.keys()];
  const structure = [
    ...listDifferences('database', names, [...right.databases.keys()], source, clone),
    ...catalogDifferences(left.shared, right.shared, 'of the server', clone),
    ...(await compareRoles(source, clone, operatorRoles)),
  ];
  const state = [...(await checksumFailures(clone))];
  for (const [database, facts] of left.databases) {
    const others = right.databases.get(database);
    if (!others) continue;
    structure.push(...structureDifferences(database, facts, others, source, clone));
    state.push(...(await fileDifferences(database, facts.files, others.files, source, clone)));
    state.push(...sequenceDifferences(database, facts.sequences, others.sequences, source, clone));
  }
  const all = [...left.databases.values()];
  return {
    structure,
    state,
    databases: names.length,
    tables: all.reduce((sum, { files }) => sum + files.filter(({ index }) => !index).length, 0),
    sequences: all.reduce((sum, { sequences }) => sum + sequences.length, 0),
  };
}

async function readServer({ session, open }: Side): Promise<ServerFacts> {
  const databases = await applicationDatabases(session);
  const [shared, facts] = await Promise.all([
    withSession(open(session.database), readShared),
    inDatabases(databases, open, readDatabase),
  ]);
  return { shared, databases: new Map(facts.map((each, index) => [databases[index] ?? '', each])) };
}

/** Where the server keeps checksums of its pages; pages that nobody has read yet are not counted. */
async function checksumFailures({ name, session }: Side): Promise<readonly string[]> {
  const failed = await session.query<{ database: string }>(
    "SELECT coalesce(datname, 'of all') AS database FROM pg_stat_database WHERE checksum_failures > 0",
  );
  return failed.map(({ database }) => `pages of database ${database} on ${name} have failed their checksums`);
}

async function readShared(session: Session): Promise<Catalogs> {
  await useTextSettings(session);
  const catalogs = new Map(await hashCatalogs(session, 'shared'));
  catalogs.delete('pg_authid');
  return catalogs;
}

async function readDatabase(session: Session): Promise<DatabaseFacts> {
  await useTextSettings(session);
  return {
    catalogs: await hashCatalogs(session, 'database'),
    files: await relationFiles(session),
    sequences: await readSequences(session),
  };
}

function structureDifferences(
  database: string,
  left: DatabaseFacts,
  right: DatabaseFacts,
  source: Side,
  clone: Side,
): readonly string[] {
  const named = ({ files }: DatabaseFacts, index: boolean): readonly string[] =>
    files.filter((each) => each.index === index).map(({ name }) => `${name} in database ${database}`);
  return [
    ...listDifferences('table', named(left, false), named(right, false), source, clone),
    ...listDifferences('index', named(left, true), named(right, true), source, clone),
    ...catalogDifferences(left.catalogs, right.catalogs, `of database ${database}`, clone),
  ];
}

function catalogDifferences(left: Catalogs, right: Catalogs, whose: string, clone: Side): readonly string[] {
  const differing = [...left].filter(([name, hash]) => right.get(name) !== hash).map(([name]) => name);
  return differing.length === 0 ? [] : [`catalogs ${whose} differ on ${clone.name}: ${differing.join(', ')}`];
}

/** Rows beyond the end of the other's file; an index that has nothing at all. */
async function fileDifferences(
  database: string,
  left: readonly RelationFile[],
  right: readonly RelationFile[],
  source: Side,
  clone: Side,
): Promise<readonly string[]> {
  const others = new Map(right.map((each) => [each.name, each]));
  const pairs = left.flatMap((mine) => {
    const other = others.get(mine.name);
    return other === undefined || other.blocks === mine.blocks ? [] : [{ mine, other }];
  });
  const tables = pairs.filter(({ mine }) => !mine.index);
  const longer = (from: 'mine' | 'other', than: 'mine' | 'other'): readonly Tail[] =>
    tables
      .filter((pair) => pair[from].blocks > pair[than].blocks)
      .map((pair) => ({ name: pair.mine.name, from: pair[than].blocks }));
  const rowsOn = async (side: Side, other: Side, tails: readonly Tail[]): Promise<readonly string[]> => {
    if (tails.length === 0) return [];
    const found = await withSession(side.open(database), (session) => tailsWithRows(session, tails));
    return found.map((name) => `table ${name} in database ${database} has rows on ${side.name} beyond ${other.name}'s`);
  };
  const empty = pairs.filter(({ mine, other }) => mine.index && mine.blocks > 0 && other.blocks === 0);
  return [
    ...(await rowsOn(source, clone, longer('mine', 'other'))),
    ...(await rowsOn(clone, source, longer('other', 'mine'))),
    ...empty.map(({ mine }) => `index ${mine.name} in database ${database} is empty on ${clone.name}`),
  ];
}

function sequenceDifferences(
  database: string,
  left: readonly SequenceState[],
  right: readonly SequenceState[],
  source: Side,
  clone: Side,
): readonly string[] {
  const others = new Map(right.map((sequence) => [sequence.name, sequence]));
  return left.flatMap((sequence) => {
    const other = others.get(sequence.name);
    const what = `sequence ${sequence.name} in database ${database}`;
    if (!other) return [`${what} is not on ${clone.name}`];
    if (sequenceFits(sequence, other)) return [];
    return [
      `${what} stands at ${sequenceText(sequence)} on ${source.name} and at ${sequenceText(other)} on ${clone.name}`,
    ];
  });
}
