import { isRecord } from '../draft.ts';
import { quoteKey, type Finding } from '../finding.ts';
import {
  APPLICATION_CONTAINER,
  containersOf,
  itemsOf,
  podOf,
  podTemplates,
  type ContainerPatch,
  type PodTemplate,
} from './pod-templates.ts';
import type { Rule } from './rule.ts';

/** Names and paths of ours in a migration's pod (manifests/migrate.hbs), beside those of the application. */
const CONTAINERS: readonly unknown[] = ['guard', 'migrate', 'record'];
const VOLUME = /^lifecycle-/;
const FOLDER = /^\/+lifecycle(\/|$)/;

/**
 * A migration's pod is the application's with containers and volumes of ours, and with our ServiceAccount. What the pod
 * templates add must not meet those, nor get at the token; nor may a container that never ends keep it from ending.
 */
export const migrationPod: Rule = (draft) =>
  draft.spec?.application?.migrations === undefined
    ? []
    : podTemplates(draft).flatMap((template) => [
        ...containersOf(template).flatMap((each) => containerFindings(template, each)),
        ...volumes(template),
      ]);

function containerFindings({ of }: PodTemplate, { container, list, path }: ContainerPatch): readonly Finding[] {
  const { name } = container;
  const mounts = itemsOf(container['volumeMounts'], [...path, 'volumeMounts'])
    .filter(({ item }) => typeof item['mountPath'] === 'string' && FOLDER.test(item['mountPath']))
    .map(({ path: at }) => collision([...at, 'mountPath'], "the folder of the migration's launcher", 'another path'));
  if (list === 'containers' && of === 'migrations' && name !== APPLICATION_CONTAINER) return [endless(path)];
  const taken = list === 'initContainers' && CONTAINERS.includes(name);
  return taken
    ? [collision([...path, 'name'], "a container of the migration's pod", 'another name'), ...mounts]
    : mounts;
}

const endless = (path: Finding['path']): Finding => ({
  code: 'wrong-value',
  path,
  detail: "a container beside the migration would keep the migration's Job from ending",
  remedy: 'make it an init container with restartPolicy: Always, which ends with the migration',
});

const collision = (path: Finding['path'], what: string, other: string): Finding => ({
  code: 'names-collide',
  path,
  detail: `this is ${what}`,
  remedy: `choose ${other}`,
});

function volumes({ patch, path }: PodTemplate): readonly Finding[] {
  return itemsOf(podOf(patch)['volumes'], [...path, 'spec', 'volumes']).flatMap(({ item, path: at }) => {
    const { name, projected } = item;
    const named = typeof name === 'string' && VOLUME.test(name);
    const sources = isRecord(projected) ? itemsOf(projected['sources'], [...at, 'projected', 'sources']) : [];
    return [
      ...(named
        ? [collision([...at, 'name'], `named as the volumes of ours, ${quoteKey('lifecycle-…')}`, 'another name')]
        : []),
      ...sources.filter(({ item: source }) => isRecord(source['serviceAccountToken'])).map(token),
    ];
  });
}

const token = ({ path }: { readonly path: Finding['path'] }): Finding => ({
  code: 'owned-field',
  path: [...path, 'serviceAccountToken'],
  at: 'key',
  detail: "in the migration's pod it would be the token of the plan's own ServiceAccount",
  remedy: 'remove it, or mount a Secret instead',
});
