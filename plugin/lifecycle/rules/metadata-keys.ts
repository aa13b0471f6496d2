import { quoteKey } from '../finding.ts';
import type { Rule } from './rule.ts';

/** Set by the renderer, or by Argo CD, on every object. */
const OWNED = /^(lifecycle\.bestie\.com|argocd\.argoproj\.io)\//;
/** The one annotation of ours that people write. */
const ADOPT = 'lifecycle.bestie.com/adopt';

/** Hook and sync-wave annotations, or the break-glass one, would take the Lifecycle out of the plan's hands. */
export const metadataKeys: Rule = ({ metadata }) =>
  (['labels', 'annotations'] as const).flatMap((field) =>
    Object.keys(metadata?.[field] ?? {})
      .filter((key) => OWNED.test(key) && !(field === 'annotations' && key === ADOPT))
      .map((key) => ({
        code: 'owned-field',
        path: ['metadata', field, key],
        at: 'key',
        detail: `${quoteKey(key)} is set by the plan`,
        remedy: 'remove it',
      })),
  );
