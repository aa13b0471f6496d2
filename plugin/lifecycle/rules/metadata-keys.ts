import { isRecord } from '../draft.ts';
import { quoteKey, type Finding, type Path } from '../finding.ts';
import type { Rule } from './rule.ts';

/** Labels and annotations that the renderer, or Argo CD, sets and reads. */
const OWNED = /^(lifecycle\.bestie\.com|argocd\.argoproj\.io)\//;
/** The annotations of ours that people write. */
const WRITTEN = ['lifecycle.bestie.com/adopt', 'lifecycle.bestie.com/accept-lost-writes'];

/** Hook and sync-wave annotations, or the break-glass one, would take the Lifecycle out of the plan's hands. */
export const metadataKeys: Rule = ({ metadata }) =>
  (['labels', 'annotations'] as const).flatMap((field) =>
    Object.keys(metadata?.[field] ?? {})
      .filter((key) => OWNED.test(key) && !(field === 'annotations' && WRITTEN.includes(key)))
      .map((key) => owned(['metadata', field, key], key)),
  );

/** The operator hands labels on to its pods: with the right ones the traffic Service would select a database. */
export const patchedKeys: Rule = ({ spec }) => inPatch(spec?.database?.spec, ['spec', 'database', 'spec']);

function inPatch(value: unknown, path: Path): readonly Finding[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown, index) => inPatch(item, [...path, index]));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    OWNED.test(key) ? [owned([...path, key], key)] : inPatch(inner, [...path, key]),
  );
}

function owned(path: Path, key: string): Finding {
  return { code: 'owned-field', path, at: 'key', detail: `${quoteKey(key)} is set by the plan`, remedy: 'remove it' };
}
