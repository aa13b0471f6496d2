import type { Draft } from '../draft.ts';
import { quoteKey, type Finding, type Path } from '../finding.ts';
import { containersOf, itemsOf, podTemplates } from './pod-templates.ts';
import type { Rule } from './rule.ts';

/** One entry of an `env` list somewhere in the file. */
export interface EnvEntry {
  readonly name: string;
  readonly value: unknown;
  readonly path: Path;
}

/**
 * The application's way to its database (render/database-env.ts), and libpq's own variables, with which it could reach
 * another one or override the fence.
 */
const OWNED = /^(DB_[A-Z]+|DATABASE_URL|PG[A-Z]+)$/;

/** No variable of the file may lead an instance, or a rehearsal, to another database. */
export const environment: Rule = (draft) =>
  envEntries(draft)
    .filter(({ name }) => OWNED.test(name))
    .map(({ name, path }): Finding => ({
      code: 'owned-field',
      path: [...path, 'name'],
      detail: `${quoteKey(name)} leads to the database, and the plan sets that`,
      remedy: 'remove it',
    }));

/** Lists merge by name: two variables of one name would not, but replace the whole environment. */
export const previewNames: Rule = ({ spec }) => {
  const seen = new Set<string>();
  return (spec?.application?.preview?.env ?? []).flatMap((entry, index): readonly Finding[] => {
    const { name } = entry ?? {};
    if (name === undefined) return [];
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    const path = ['spec', 'application', 'preview', 'env', index, 'name'];
    return [{ code: 'names-collide', path, detail: `${quoteKey(name)} stands here again`, remedy: 'keep one of them' }];
  });
};

/** Every variable that the file sets: of the rehearsal, and in the pod templates' containers. */
export function envEntries(draft: Draft): readonly EnvEntry[] {
  return [
    ...entries(draft.spec?.application?.preview?.env, ['spec', 'application', 'preview', 'env']),
    ...podTemplates(draft)
      .flatMap(containersOf)
      .flatMap(({ container, path }) => entries(container['env'], [...path, 'env'])),
  ];
}

function entries(list: unknown, path: Path): readonly EnvEntry[] {
  return itemsOf(list, path).flatMap(({ item, path: at }) =>
    typeof item['name'] === 'string' ? [{ name: item['name'], value: item['value'], path: at }] : [],
  );
}
