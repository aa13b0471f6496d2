import { isRecord } from '../draft.ts';
import { formatPath, quoteKey, type Finding, type Path } from '../finding.ts';
import { reach } from './owned-lists.ts';
import { DATABASE_FIELDS, POD_FIELDS, type OwnedField } from './ownership.ts';
import { podTemplates } from './pod-templates.ts';
import type { Rule } from './rule.ts';

const DATABASE: Path = ['spec', 'database', 'spec'];

/** Merge patches that would change, replace or remove what the plan sets. */
export const ownedFields: Rule = (draft) => [
  ...podTemplates(draft).flatMap(({ patch, path }) => touched(patch, path, POD_FIELDS)),
  ...touched(draft.spec?.database?.spec, DATABASE, DATABASE_FIELDS),
  ...pgBackRestOptions(draft.spec?.database?.spec, DATABASE),
];

/** A patch touches a field when it names it, or has null or a value where the field's parents are. */
function touched(patch: unknown, root: Path, fields: readonly OwnedField[]): readonly Finding[] {
  const found = new Map<string, Finding>();
  for (const field of fields) {
    const hit = reach(patch, field.path);
    if (hit === undefined) continue;
    const path = [...root, ...hit];
    const whole = hit.length < field.path.length;
    const detail = whole ? `it would remove ${field.path.join('.')}: ${field.why}` : field.why;
    const { instead } = field;
    const place = formatPath(path);
    if (found.has(place)) continue;
    found.set(place, {
      code: 'owned-field',
      path,
      at: 'key',
      detail,
      ...(instead === undefined ? {} : { remedy: `remove it from the patch; use ${instead}` }),
    });
  }
  return [...found.values()];
}

/** Options that the operator refuses only after it has torn the cluster down (pgo.md §3), and what global repeats. */
const FORBIDDEN =
  /^(?:--)?(?:repo|stanza|pg1-path|target-action|link-map|repo\d+-(?!s3-key|.*-secret|.*-pass)[a-z0-9-]+)(?:=|$)/;

function pgBackRestOptions(patch: unknown, root: Path): readonly Finding[] {
  if (Array.isArray(patch)) return [];
  if (!isRecord(patch)) return [];
  return Object.entries(patch).flatMap(([key, value]) => {
    const path = [...root, key];
    if (key === 'options' && Array.isArray(value))
      return value.flatMap((each: unknown, index) => option(each, [...path, index]));
    if (key === 'global' && isRecord(value)) return Object.keys(value).flatMap((each) => option(each, [...path, each]));
    return pgBackRestOptions(value, path);
  });
}

function option(text: unknown, path: Path): readonly Finding[] {
  if (typeof text !== 'string' || !FORBIDDEN.test(text)) return [];
  const name = text.replace(/=.*$/s, '');
  return [{ code: 'forbidden-option', path, at: 'key', detail: `the option ${quoteKey(name)}` }];
}
