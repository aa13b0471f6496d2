import { readFileSync } from 'node:fs';
import type { ClientConfig } from 'pg';
import { z } from 'zod';
import { VERSION_NAMES, versionOf, type Version } from './versions.ts';

/** The contract of the bestie image (`DB_*`, `DATABASE_URL`), and what only the sample application knows (`BESTIE_*`). */
const ENVIRONMENT = z
  .object({
    BESTIE_VERSION: z.enum(VERSION_NAMES),
    /** Not BESTIE_PORT: that is what Kubernetes sets to the address of a Service called bestie. */
    PORT: z.coerce.number().int().default(8000),
    /** Rows that the migration tops `bestie.pets` up to. */
    BESTIE_SEED_ROWS: z.coerce.number().int().nonnegative().default(0),
    /** How long it goes on accepting connections after SIGTERM, until no proxy sends any. */
    BESTIE_LAME_DUCK_MILLISECONDS: z.coerce.number().int().nonnegative().max(3000).default(2000),
    /** File with the certificate authority of the database; without it the server is not verified (`sslmode=require`). */
    BESTIE_DB_CA: z.string().optional(),
    DB_ADDR: z.string().optional(),
    DB_PORT: z.coerce.number().int().default(5432),
    DB_DATABASE: z.string().optional(),
    DB_USER: z.string().optional(),
    DB_PASSWORD: z.string().optional(),
    DATABASE_URL: z.string().optional(),
  })
  .refine(({ DB_ADDR, DATABASE_URL }) => DB_ADDR ?? DATABASE_URL, 'set DB_ADDR or DATABASE_URL');

/** All sessions are ended at once and come back at once, on a machine that does much else. */
export const CONNECT_MILLISECONDS = 15_000;

export interface Settings {
  readonly version: Version;
  readonly port: number;
  readonly seedRows: number;
  readonly lameDuckMilliseconds: number;
  readonly database: ClientConfig;
}

/** @throws ZodError that names the variables, never their values. */
export function settingsFrom(environment: NodeJS.ProcessEnv): Settings {
  const env = ENVIRONMENT.parse(environment);
  const ca = env.BESTIE_DB_CA === undefined ? undefined : readFileSync(env.BESTIE_DB_CA, 'utf8');
  const where: ClientConfig =
    env.DB_ADDR === undefined
      ? { connectionString: env.DATABASE_URL }
      : {
          host: env.DB_ADDR,
          port: env.DB_PORT,
          database: env.DB_DATABASE,
          user: env.DB_USER,
          password: env.DB_PASSWORD,
        };
  return {
    version: versionOf(env.BESTIE_VERSION),
    port: env.PORT,
    seedRows: env.BESTIE_SEED_ROWS,
    lameDuckMilliseconds: env.BESTIE_LAME_DUCK_MILLISECONDS,
    database: {
      ...where,
      ssl: ca === undefined ? { rejectUnauthorized: false } : { ca },
      application_name: `bestie-${env.BESTIE_VERSION}`,
      connectionTimeoutMillis: CONNECT_MILLISECONDS,
      keepAlive: true,
    },
  };
}
