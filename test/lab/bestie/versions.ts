import { MIGRATIONS, type Migration } from './migrations.ts';

/** The image's tag. `1.4-broken` is 1.4 with a migration that fails half-way. */
export const VERSION_NAMES = ['1.3', '1.4', '1.4-broken'] as const;
export type VersionName = (typeof VERSION_NAMES)[number];

/** What differs between the versions of the application. */
export interface Version {
  readonly name: VersionName;
  /** The schema that this version works with: the version of its last migration. */
  readonly schema: string;
  /** Where `bestie.pets` has a pet's name. */
  readonly nameColumn: 'name' | 'full_name';
  /** All that lead from an empty database to `schema`, in order. */
  readonly migrations: readonly Migration[];
}

const VERSIONS: Readonly<Record<VersionName, Omit<Version, 'name'>>> = {
  '1.3': { schema: '1.3', nameColumn: 'name', migrations: [MIGRATIONS.create] },
  '1.4': { schema: '1.4', nameColumn: 'full_name', migrations: [MIGRATIONS.create, MIGRATIONS.rename] },
  '1.4-broken': { schema: '1.4', nameColumn: 'full_name', migrations: [MIGRATIONS.create, MIGRATIONS.renameBroken] },
};

export const versionOf = (name: VersionName): Version => ({ name, ...VERSIONS[name] });
