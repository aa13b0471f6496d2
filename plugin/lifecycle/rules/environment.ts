import { isRecord, type Draft } from '../draft.ts';
import { quoteKey, type Finding, type Path } from '../finding.ts';
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

/** Every variable that the file sets: of the rehearsal, and in the pod template's containers. */
export function envEntries({ spec }: Draft): readonly EnvEntry[] {
  const application = spec?.application;
  return [
    ...entries(application?.preview?.env, ['spec', 'application', 'preview', 'env']),
    ...containers(application?.podTemplate).flatMap(({ container, path }) =>
      entries(container['env'], ['spec', 'application', 'podTemplate', ...path, 'env']),
    ),
  ];
}

export interface ContainerPatch {
  readonly container: Readonly<Record<string, unknown>>;
  /** From the pod template. */
  readonly path: Path;
}

/** Containers and init containers that a pod template's patch names. */
export function containers(podTemplate: unknown): readonly ContainerPatch[] {
  const pod = isRecord(podTemplate) ? podTemplate['spec'] : undefined;
  if (!isRecord(pod)) return [];
  return ['containers', 'initContainers'].flatMap((field) => {
    const list = pod[field];
    return !Array.isArray(list)
      ? []
      : list.flatMap((container: unknown, index) =>
          isRecord(container) ? [{ container, path: ['spec', field, index] }] : [],
        );
  });
}

function entries(list: unknown, path: Path): readonly EnvEntry[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown, index) => {
    if (!isRecord(entry) || typeof entry['name'] !== 'string') return [];
    return [{ name: entry['name'], value: entry['value'], path: [...path, index] }];
  });
}
