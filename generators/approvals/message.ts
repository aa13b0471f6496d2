import type { Standing } from './standing.ts';

/** What is missing, in one line for people. */
export function missingText({ quorum, approvedBy, mayApprove, notCounted, unread }: Standing, where: string): string {
  const has = approvedBy.length === 0 ? '' : `, by ${approvedBy.join(', ')}`;
  const may = mayApprove.length === 0 ? 'nobody else may approve' : `${mayApprove.join(', ')} may approve`;
  const not = notCounted.map(({ who, why }) => `${who} ${why}`);
  const owners = unread === undefined ? [] : [`nobody may as a code owner: ${unread}`];
  return [`${where} has ${approvedBy.length} of ${quorum} approvals${has}`, may, ...owners, ...not].join('; ');
}

export const givenText = (approvers: readonly string[], where: string, until: Date, now: Date): string =>
  `approved by ${approvers.join(', ')} in ${where}, ${until > now ? 'to begin before' : 'which ran out at'} ${until.toISOString()}`;
