import type { CloneRecord } from './status.ts';

type GivenUp = Pick<CloneRecord, 'givenUpTransactions' | 'givenUpRows'>;

/** How much that a restore beside has given up, in words: ` (25 transactions; 20 rows inserted, 3 updated, 2 deleted)`, or nothing. */
export function givenUpText({ givenUpTransactions, givenUpRows }: GivenUp): string {
  const parts = [
    ...(givenUpTransactions === undefined ? [] : [`${givenUpTransactions} transactions`]),
    ...(givenUpRows
      ? [`${givenUpRows.inserted} rows inserted, ${givenUpRows.updated} updated, ${givenUpRows.deleted} deleted`]
      : []),
  ];
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}
