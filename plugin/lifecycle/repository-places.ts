import type { Draft } from './draft.ts';
import type { Path } from './finding.ts';
import { pathOfBlue, pathOfGreen, pathOfRestored } from './repository-paths.ts';

/** Where one instance's backups are in one repository. */
export interface Place {
  /** Bucket and path: two places of one key are one archive. */
  readonly key: string;
  readonly instance: string;
  /** `blue in repo2`, for people. */
  readonly what: string;
  /** The field to which a problem of it belongs. */
  readonly path: Path;
}

type DraftSpec = NonNullable<Draft['spec']>;
type DraftRepository = NonNullable<NonNullable<NonNullable<DraftSpec['backup']>['repositories']>[number]>;
type DraftInstance = NonNullable<DraftSpec['blue']>;

interface Owner {
  readonly what: string;
  readonly path: Path;
  readonly instance: DraftInstance | undefined;
  readonly pathOf: (repository: DraftRepository, instance: DraftInstance) => string | undefined;
}

/** The places of all instances of a file; volumes are none, since each instance has its own. */
export function placesOf({ metadata, spec }: Draft): readonly Place[] {
  const repositories = (spec?.backup?.repositories ?? []).filter((each) => each !== undefined);
  return owners({ metadata, spec }).flatMap((owner) =>
    repositories.flatMap((repository) => placeOf(repository, owner)),
  );
}

const restored = ({ name, repositoryPaths }: NonNullable<DraftSpec['restore']>): DraftInstance => ({
  name,
  repositoryPaths,
});

function owners({ metadata, spec }: Draft): readonly Owner[] {
  const closed = (spec?.closed ?? []).map((instance, index): Owner => ({
    what: 'a closed instance',
    path: ['spec', 'closed', index],
    instance,
    pathOf: pathOfBlue,
  }));
  return [
    { what: 'blue', path: ['spec', 'blue'], instance: spec?.blue, pathOf: pathOfBlue },
    ...closed,
    { what: 'green', path: ['spec', 'green'], instance: spec?.green, pathOf: pathOfGreen },
    {
      what: 'what is restored beside',
      path: ['spec', 'restore'],
      instance: spec?.restore?.name === undefined ? undefined : restored(spec.restore),
      pathOf: (repository) => pathOfRestored(repository, spec?.restore ?? {}, metadata?.name),
    },
  ];
}

function placeOf(repository: DraftRepository, { what, path, instance, pathOf }: Owner): readonly Place[] {
  const { name } = repository;
  const bucket = bucketOf(repository);
  if (instance?.name === undefined || name === undefined || bucket === undefined) return [];
  const own = instance.repositoryPaths?.[name] !== undefined;
  return [
    {
      key: `${bucket} ${pathOf(repository, instance) ?? ''}`,
      instance: instance.name,
      what: `${what} in ${name}`,
      path: own ? [...path, 'repositoryPaths', name] : [...path, 'name'],
    },
  ];
}

/** @returns undefined for a volume, and for what is not described completely. */
export function bucketOf({ s3, gcs, azure }: DraftRepository): string | undefined {
  if (s3?.bucket !== undefined) return `s3 ${host(s3.endpoint ?? '')} ${s3.bucket}`;
  if (gcs?.bucket !== undefined) return `gcs ${gcs.bucket}`;
  return azure?.container === undefined ? undefined : `azure ${azure.container}`;
}

function host(endpoint: string): string {
  return endpoint.toLowerCase().replace(/:443$/, '');
}
