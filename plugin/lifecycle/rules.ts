import type { Draft } from './draft.ts';
import type { Finding } from './finding.ts';

/** A relation between fields. It sees a draft: any part may be missing, what is there has the right shape. */
export type Rule = (draft: Draft) => readonly Finding[];

export const RULES: readonly Rule[] = [];

export function checkRules(draft: Draft): readonly Finding[] {
  return RULES.flatMap((rule) => rule(draft));
}
