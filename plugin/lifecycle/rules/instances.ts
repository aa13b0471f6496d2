import type { Draft } from '../draft.ts';
import type { Path } from '../finding.ts';

type DraftInstance = NonNullable<NonNullable<Draft['spec']>['blue']>;

type ObjectField = 'database' | 'application' | 'service';

/** An object that an instance brings, with the field that names it. */
export interface NamedObject {
  readonly kind: ObjectField;
  readonly name: string;
  readonly path: Path;
}

export interface InstanceNames {
  readonly role: 'blue' | 'green' | 'restore' | 'closed';
  readonly name: string;
  readonly path: Path;
  readonly objects: readonly NamedObject[];
}

/** How the names of an instance's objects end (design §2); plan/names.ts renders the same. */
const SUFFIX: Readonly<Record<ObjectField, string>> = { database: '-pgo', application: '-app', service: '-service' };
const KINDS: readonly ObjectField[] = ['database', 'application', 'service'];

/** The instances of a file that have a name: blue, green, and the new instance of a restore. */
export function instancesOf({ spec }: Draft): readonly InstanceNames[] {
  return [
    ...instance('blue', ['spec', 'blue'], spec?.blue),
    ...instance('green', ['spec', 'green'], spec?.green),
    ...instance('restore', ['spec', 'restore'], spec?.restore?.name === undefined ? {} : { name: spec.restore.name }),
  ];
}

/** The instances that served and are not retired: only their databases are still there. */
export function closedInstances({ spec }: Draft): readonly InstanceNames[] {
  return (spec?.closed ?? []).flatMap((each, index) => instance('closed', ['spec', 'closed', index], each));
}

function instance(role: InstanceNames['role'], at: Path, value: DraftInstance | undefined): readonly InstanceNames[] {
  const { name, names } = value ?? {};
  if (name === undefined) return [];
  const path = [...at, 'name'];
  const objects = KINDS.map((kind): NamedObject => {
    const own = names?.[kind];
    if (own !== undefined) return { kind, name: own, path: [...at, 'names', kind] };
    return { kind, name: name + SUFFIX[kind], path };
  });
  return [{ role, name, path, objects }];
}
