import type { Draft } from '../draft.ts';
import { quoteKey, type Finding, type Path } from '../finding.ts';
import { closedInstances, instancesOf, type InstanceNames, type NamedObject } from './instances.ts';
import { when, type Rule } from './rule.ts';

/** The Bestie operator knows its operands by fixed names only. */
export const fixedNames: Rule = ({ spec }) =>
  spec?.application?.kind !== 'Bestie'
    ? []
    : (['blue', 'green'] as const).flatMap((role) =>
        when(spec[role]?.names !== undefined, () => ({
          code: 'names-fixed',
          path: ['spec', role, 'names'],
          at: 'key',
          detail: 'names stands beside kind Bestie',
        })),
      );

/** A green that is blue, or has blue's database, would be a clone of itself over itself. */
export const greenIsBlue: Rule = (draft) => {
  const [blue, ...others] = instancesOf(draft);
  if (blue?.role !== 'blue') return [];
  return others.flatMap((other) => {
    if (other.name === blue.name) return [same(other.path, 'it has the name of blue')];
    const database = databaseOf(other);
    return when(database?.name === databaseOf(blue)?.name, () =>
      same(database?.path ?? other.path, 'it has the database of blue'),
    );
  });
};

const same = (path: Path, detail: string): Finding => ({ code: 'green-is-blue', path, detail });
const databaseOf = ({ objects }: InstanceNames): NamedObject | undefined =>
  objects.find(({ kind }) => kind === 'database');

/** A name may come back when the database that had it is retired; until then it would be taken for the new one. */
export const closedNames: Rule = (draft) => {
  const closed = closedInstances(draft);
  return [...instancesOf(draft), ...closed].flatMap((instance) => {
    const others = instance.role === 'closed' ? closed.slice(0, closed.indexOf(instance)) : closed;
    const named = others.find(({ name }) => name === instance.name);
    if (named) return [stillThere(instance.path, `an instance ${quoteKey(named.name)} is closed, and not retired`)];
    const database = databaseOf(instance);
    const other = others.find((each) => databaseOf(each)?.name === database?.name);
    return when(other !== undefined, () =>
      stillThere(
        database?.path ?? instance.path,
        `it is the database of ${quoteKey(other?.name ?? '')}, which is closed`,
      ),
    );
  });
};

const stillThere = (path: Path, detail: string): Finding => ({ code: 'instance-closed', path, detail });

interface Claim {
  readonly key: string;
  readonly path: Path;
}

/** Services that the operator makes for a cluster (pgo.md §1). */
const OPERATOR_SERVICES = ['primary', 'replicas', 'ha', 'ha-config', 'pods'];

/** No two objects of one kind and name. Instances of the same name are reported by greenIsBlue. */
export const collisions: Rule = (draft) => {
  const seen = new Map<string, Path>();
  return claims(draft).flatMap(({ key, path }): readonly Finding[] => {
    const other = seen.get(key);
    if (other === undefined) seen.set(key, path);
    return when(other !== undefined, () => ({
      code: 'names-collide',
      path,
      detail: `there would be two of ${key}, the other one from ${other?.join('.') ?? ''}`,
    }));
  });
};

function claims(draft: Draft): readonly Claim[] {
  const { metadata, spec } = draft;
  return [
    ...(metadata?.name === undefined ? [] : [claim('Deployment', `${metadata.name}-keeper`, ['metadata', 'name'])]),
    ...(spec?.traffic?.service === undefined
      ? []
      : [claim('Service', spec.traffic.service, ['spec', 'traffic', 'service'])]),
    ...distinctObjects(draft).flatMap(claimsOf),
    ...databases(draft),
  ];
}

/** Without those of an instance or database that is there twice: greenIsBlue has reported them. */
function distinctObjects(draft: Draft): readonly NamedObject[] {
  const instances = instancesOf(draft);
  const first = instances.filter(({ name }, index) => instances.findIndex((each) => each.name === name) === index);
  const objects = first.flatMap((instance) => instance.objects);
  return objects.filter(
    ({ kind, name }, index) =>
      kind !== 'database' || objects.findIndex((each) => each.kind === kind && each.name === name) === index,
  );
}

function claimsOf({ kind, name, path }: NamedObject): readonly Claim[] {
  if (kind === 'application') return [claim('Deployment', name, path)];
  if (kind === 'service') return [claim('Service', name, path)];
  return OPERATOR_SERVICES.map((suffix) => claim('Service', `${name}-${suffix}`, path));
}

function databases({ spec }: Draft): readonly Claim[] {
  return (spec?.database?.databases ?? []).flatMap((name, index) =>
    name === undefined ? [] : [claim('database', name, ['spec', 'database', 'databases', index])],
  );
}

const claim = (kind: string, name: string, path: Path): Claim => ({ key: `${kind} ${name}`, path });

const RESERVED_DATABASES = ['postgres', 'template0', 'template1'];

/** Names that stand for something else already. */
export const reservedNames: Rule = ({ spec }) => [
  ...when(spec?.database?.user === 'postgres', () => ({
    code: 'name-invalid',
    path: ['spec', 'database', 'user'],
    detail: 'postgres is the superuser, whom a fence does not stop',
    remedy: 'give the application a role of its own',
  })),
  ...[...(spec?.database?.databases ?? [])].flatMap((name, index) =>
    when(name !== undefined && RESERVED_DATABASES.includes(name), () => ({
      code: 'name-invalid',
      path: ['spec', 'database', 'databases', index],
      detail: 'this database belongs to PostgreSQL itself',
      remedy: 'give the application a database of its own',
    })),
  ),
  ...reservedId(spec?.backup?.onDemand?.id, ['spec', 'backup', 'onDemand', 'id']),
  ...reservedId(spec?.restore?.id, ['spec', 'restore', 'id']),
];

/** Backups within plans are asked for under `lifecycle-<digest>`; an id that was used once starts nothing. */
function reservedId(id: string | undefined, path: Path): readonly Finding[] {
  return when(id?.startsWith('lifecycle-') === true, () => ({
    code: 'name-invalid',
    path,
    detail: 'ids that start with "lifecycle-" are those of the plans',
    remedy: 'choose another id',
  }));
}
