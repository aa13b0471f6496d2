import { listDifferences, type Side } from './compare.ts';
import { readContent, type Content } from './content.ts';
import type { TableDigest } from './digest.ts';

interface ContentComparison {
  /** In words; empty when equal. */
  readonly differences: readonly string[];
  readonly tables: number;
  readonly rows: number;
  /** Over the source's content; `readContent` of an unchanged source gives the same. */
  readonly digest: string;
}

/** Reads both whole: every table, materialized view and large object, by rows and digest. */
export async function compareContent(
  source: Side,
  clone: Side,
  report: (message: string) => void,
): Promise<ContentComparison> {
  const [left, right] = await Promise.all([readSide(source, report), readSide(clone, report)]);
  return {
    differences: compareTables(left, right, source, clone),
    tables: left.tables.length,
    rows: left.rows,
    digest: left.digest,
  };
}

const readSide = ({ name, session, open }: Side, report: (message: string) => void): Promise<Content> =>
  readContent(session, open, (message) => {
    report(`${name}: ${message}`);
  });

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
