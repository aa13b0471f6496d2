import { DEFAULT_CA_KEY } from '../backup-schema.ts';
import { quoteKey, type Path } from '../finding.ts';
import { placed } from './backup.ts';
import { when, type Rule } from './rule.ts';

/** Where a repository's CA is, and that no other repository's file takes its place. */
export const certificateAuthorities: Rule = (draft) => {
  const files = new Map<string, { readonly source: string; readonly repository: string }>();
  return placed(draft).flatMap(({ repository: { name = 'another repository', s3 }, path }) => {
    const at: Path = [...path, 's3', 'ca'];
    if (s3?.ca === undefined) return [];
    const { ca } = s3;
    const kinds = (['secret', 'configMap'] as const).filter((kind) => kind in ca);
    const [kind] = kinds;
    if (kind === undefined || kinds.length > 1)
      return [{ code: 'ca-source', path: at, detail: kind === undefined ? 'it names neither' : 'it names both' }];
    const key = 'key' in ca ? ca.key : DEFAULT_CA_KEY;
    const object = ca[kind];
    if (key === undefined || object === undefined) return [];
    const source = `${kind} ${object}`;
    const other = files.get(key);
    if (other === undefined) files.set(key, { source, repository: name });
    return when(other !== undefined && other.source !== source, () => ({
      code: 'ca-files-collide',
      path: 'key' in ca ? [...at, 'key'] : at,
      detail: `${other?.repository ?? ''} has ${quoteKey(key)} from another object`,
    }));
  });
};
