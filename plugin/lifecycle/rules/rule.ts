import type { Draft } from '../draft.ts';
import type { Finding } from '../finding.ts';

/** A relation between fields. It sees a draft: any part may be missing, what is there has the right shape. */
export type Rule = (draft: Draft) => readonly Finding[];

/** The finding when the condition holds. */
export function when(condition: boolean, finding: () => Finding): readonly Finding[] {
  return condition ? [finding()] : [];
}
