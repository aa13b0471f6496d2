import { isRecord } from '../draft.ts';
import type { Finding, Path } from '../finding.ts';
import { APPLICATION_CONTAINER, containersOf, podOf, podTemplates, type PodTemplate } from './pod-templates.ts';
import type { Rule } from './rule.ts';

/** Lists of the rendered objects merge by name where every item of a patch has one (render/merge-patch.ts). */

const INSTANCES: Path = ['spec', 'database', 'spec', 'instances'];
/** What of the application's container follows from spec.application, and what else a migration has no use for. */
const CONTAINER = [['image'], ['ports'], ['readinessProbe']] as const;
const MIGRATING = [...CONTAINER, ['command'], ['args'], ['livenessProbe'], ['startupProbe'], ['lifecycle']] as const;
/** The instance set that manifests/postgrescluster.hbs renders, and what of it follows from spec.database. */
const SET = {
  name: 'set1',
  fields: [['replicas'], ['dataVolumeClaimSpec', 'accessModes'], ['dataVolumeClaimSpec', 'resources']],
} as const;

export const ownedLists: Rule = (draft) => [
  ...podTemplates(draft).flatMap(applicationContainer),
  ...instanceSet(draft.spec?.database?.spec),
];

function applicationContainer(template: PodTemplate): readonly Finding[] {
  const pod = podOf(template.patch);
  if (!('containers' in pod)) return [];
  if (!isNamedList(pod['containers'])) return [replaced([...template.path, 'spec', 'containers'], 'containers')];
  const owned = template.of === 'migrations' ? MIGRATING : CONTAINER;
  return containersOf(template)
    .filter(({ list, container }) => list === 'containers' && container['name'] === APPLICATION_CONTAINER)
    .flatMap(({ container, path }) => {
      const env = 'env' in container && !isNamedList(container['env']) ? [replaced([...path, 'env'], 'variables')] : [];
      return [...fields(container, path, owned, 'spec.application'), ...env];
    });
}

function instanceSet(database: unknown): readonly Finding[] {
  if (!isRecord(database) || !('instances' in database)) return [];
  const instances = database['instances'];
  if (!isNamedList(instances)) return [replaced(INSTANCES, 'instance sets')];
  return instances.flatMap((set, index): readonly Finding[] => {
    const path = [...INSTANCES, index];
    if (set['name'] === SET.name) return fields(set, path, SET.fields, 'spec.database');
    const detail = `the plan knows one instance set, ${SET.name}`;
    return [{ code: 'owned-field', path: [...path, 'name'], detail, remedy: `patch ${SET.name}, or remove it` }];
  });
}

const replaced = (path: Path, what: string): Finding => ({
  code: 'owned-field',
  path,
  at: 'key',
  detail: `it would replace the ${what} that the plan sets`,
  remedy: 'give each item of the list a name of its own: lists merge by name',
});

function fields(
  item: Readonly<Record<string, unknown>>,
  path: Path,
  owned: readonly (readonly string[])[],
  from: string,
): readonly Finding[] {
  return owned.flatMap((field) => {
    const hit = reach(item, field);
    if (hit === undefined) return [];
    const detail = `${field.join('.')} follows from ${from}`;
    return [{ code: 'owned-field', path: [...path, ...hit], at: 'key', detail }];
  });
}

function isNamedList(value: unknown): value is readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  const names = value.map((item: unknown) => (isRecord(item) ? item['name'] : undefined));
  return names.every((name) => typeof name === 'string') && new Set(names).size === names.length;
}

/**
 * How far a merge patch goes along a path, when it touches what is there: by naming it, or by having null or a plain
 * value where one of its parents is.
 */
export function reach(patch: unknown, path: Path): Path | undefined {
  let inner = patch;
  for (const [index, part] of path.entries()) {
    if (!isRecord(inner) || !Object.hasOwn(inner, part)) return undefined;
    inner = inner[part];
    if (!isRecord(inner)) return path.slice(0, index + 1);
  }
  return path;
}
