import type { ClientConfig } from 'pg';
import { z } from 'zod';

const count = (fallback: number): z.ZodDefault<z.ZodCoercedNumber> => z.coerce.number().default(fallback);

const ENVIRONMENT = z.object({
  LOAD_TARGET: z.url(),
  LOAD_WRITERS: count(4),
  LOAD_READERS: count(4),
  LOAD_OVERRIDERS: count(0),
  /** Every client waits so long after each answer: the load shall not starve the machine that it shares with the lab. */
  LOAD_PAUSE_MILLISECONDS: count(25),
  LOAD_PORT: count(8090),
  LOAD_FILE: z.string().default('/tmp/writes.ndjson'),
  DB_ADDR: z.string().optional(),
  DB_PORT: count(5432),
  DB_DATABASE: z.string().optional(),
  DB_USER: z.string().optional(),
  DB_PASSWORD: z.string().optional(),
});

export interface LoadSettings {
  /** `http://<service>:<port>`. */
  readonly target: string;
  readonly writers: number;
  readonly readers: number;
  readonly overriders: number;
  readonly pauseMilliseconds: number;
  readonly controlPort: number;
  readonly file: string;
  /** Where the overriders connect to. */
  readonly database: ClientConfig;
}

/** @throws ZodError that names the variables, never their values. */
export function loadSettings(environment: NodeJS.ProcessEnv): LoadSettings {
  const env = ENVIRONMENT.parse(environment);
  return {
    target: env.LOAD_TARGET,
    writers: env.LOAD_WRITERS,
    readers: env.LOAD_READERS,
    overriders: env.LOAD_OVERRIDERS,
    pauseMilliseconds: env.LOAD_PAUSE_MILLISECONDS,
    controlPort: env.LOAD_PORT,
    file: env.LOAD_FILE,
    database: {
      host: env.DB_ADDR,
      port: env.DB_PORT,
      database: env.DB_DATABASE,
      user: env.DB_USER,
      password: env.DB_PASSWORD,
      ssl: { rejectUnauthorized: false },
      application_name: 'overrider',
      connectionTimeoutMillis: 3000,
    },
  };
}
