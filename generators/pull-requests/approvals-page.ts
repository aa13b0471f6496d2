import { listed, say, type Block, type Page, type Words } from '../../plugin/review/page.ts';
import type { Standing } from '../approvals/standing.ts';

/** A request of a pull request, and who stands where with it. */
export interface Asking {
  readonly path: string;
  /** What an approver signs. */
  readonly request: string;
  readonly standing: Standing;
}

/** Who has to approve, who has, and who does not count and why. */
export function approvalsPage(asking: readonly Asking[], head: string): Page {
  if (asking.length === 0) return [];
  return [
    { heading: ['Approvals'], level: 2 },
    { line: say`What is approved is ${head.slice(0, 12)}: after another push it has to be approved again.` },
    ...asking.flatMap(blocksOf),
  ];
}

function blocksOf({ path, request, standing }: Asking): readonly Block[] {
  const { approvedBy, mayApprove, notCounted, refused, unread } = standing;
  const items: readonly Words[] = [
    ...(refused === undefined ? [] : [[`Nobody’s approval counts: ${refused}.`]]),
    ...(approvedBy.length === 0 ? [] : [say`Approved by ${listed(approvedBy)}.`]),
    ...(isEnough(standing) || mayApprove.length === 0 ? [] : [say`May approve: ${listed(mayApprove)}.`]),
    ...(refused === undefined && mayApprove.length === 0 && !isEnough(standing)
      ? [['Nobody else may approve it.']]
      : []),
    ...(unread === undefined ? [] : [[`Nobody may approve as a code owner: ${unread}.`]]),
    ...notCounted.map(({ who, why }) => say`${who} does not count: ${[why]}.`),
  ];
  return [
    { line: [...say`${path}, request ${request}: `, countText(standing)] },
    ...(items.length === 0 ? [] : [{ list: items }]),
  ];
}

export const isEnough = ({ approvedBy, quorum, refused }: Standing): boolean =>
  refused === undefined && approvedBy.length >= quorum;

/** `1 of 2 approvals`. */
const countText = (standing: Standing): string => {
  const { approvedBy, quorum, refused } = standing;
  if (refused !== undefined) return 'it cannot be approved here';
  return isEnough(standing) ? 'approved' : `${approvedBy.length} of ${quorum} approval${quorum === 1 ? '' : 's'}`;
};
