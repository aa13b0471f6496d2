import { isRecord, type Draft } from '../draft.ts';
import type { Path } from '../finding.ts';

/** A merge patch of the file on the application's pod, or on that of its migrations. */
export interface PodTemplate {
  readonly of: 'application' | 'migrations';
  readonly patch: unknown;
  readonly path: Path;
}

export interface ContainerPatch {
  readonly container: Readonly<Record<string, unknown>>;
  readonly list: 'containers' | 'initContainers';
  readonly path: Path;
}

/** The container that manifests/application.hbs renders; it runs the migrations, too. */
export const APPLICATION_CONTAINER = 'application';

const AT = ['spec', 'application'] as const;

export function podTemplates({ spec }: Draft): readonly PodTemplate[] {
  const application = spec?.application;
  return [
    { of: 'application', patch: application?.podTemplate, path: [...AT, 'podTemplate'] },
    {
      of: 'migrations',
      patch: application?.migrations?.podTemplate,
      path: [...AT, 'migrations', 'podTemplate'],
    },
  ];
}

/** Containers and init containers that a pod template's patch names. */
export function containersOf({ patch, path }: PodTemplate): readonly ContainerPatch[] {
  const pod = podOf(patch);
  return (['containers', 'initContainers'] as const).flatMap((list) =>
    itemsOf(pod[list], [...path, 'spec', list]).map(({ item: container, path: at }) => ({ container, list, path: at })),
  );
}

/** A pod template's `spec`; empty where the patch has none. */
export function podOf(patch: unknown): Readonly<Record<string, unknown>> {
  const pod = isRecord(patch) ? patch['spec'] : undefined;
  return isRecord(pod) ? pod : {};
}

/** The mappings of a list, with their places. */
export function itemsOf(
  list: unknown,
  path: Path,
): readonly { readonly item: Readonly<Record<string, unknown>>; readonly path: Path }[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown, index) => (isRecord(item) ? [{ item, path: [...path, index] }] : []));
}
