import type { Cluster } from '../core/cluster.ts';
import { operatorRoles, type OperatorRole } from '../core/users.ts';
import type { Manifest } from '../edge/kinds.ts';
import { container } from './pod.ts';
import type { Credentials } from './user-secret.ts';

type Json = Readonly<Record<string, unknown>>;

interface Part {
  /** The Secret is called `<cluster>-<suffix>`; the container like the suffix. */
  readonly suffix: string;
  readonly database: (cluster: Cluster) => string;
  /** What its session runs again and again. */
  readonly query: string;
  /** What a superuser makes for it in every database. */
  readonly setup: string;
}

const PARTS: Readonly<Record<OperatorRole, Part>> = {
  _crunchypgbouncer: {
    suffix: 'pgbouncer',
    database: ({ spec, metadata }) => spec.users?.[0]?.databases?.[0] ?? metadata.name,
    query: "SELECT verifier FROM pgbouncer.get_auth('postgres')",
    setup: `CREATE SCHEMA IF NOT EXISTS pgbouncer;
GRANT USAGE ON SCHEMA pgbouncer TO _crunchypgbouncer;
CREATE OR REPLACE FUNCTION pgbouncer.get_auth(name text) RETURNS TABLE (verifier text) LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = '' AS 'SELECT rolpassword FROM pg_catalog.pg_authid WHERE rolcanlogin AND rolname = name';
REVOKE ALL ON FUNCTION pgbouncer.get_auth(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pgbouncer.get_auth(text) TO _crunchypgbouncer;
`,
  },
  ccp_monitoring: {
    suffix: 'monitoring',
    database: () => 'postgres',
    query: 'INSERT INTO monitor.samples (sessions) SELECT count(*) FROM pg_stat_activity',
    setup: `GRANT pg_monitor TO ccp_monitoring;
CREATE SCHEMA IF NOT EXISTS monitor;
CREATE TABLE IF NOT EXISTS monitor.samples (at timestamptz DEFAULT now(), sessions int);
ALTER SCHEMA monitor OWNER TO ccp_monitoring;
ALTER TABLE monitor.samples OWNER TO ccp_monitoring;
`,
  },
};

export const operatorRoleSetup = (role: OperatorRole): string => PARTS[role].setup;

const secretName = ({ metadata }: Cluster, role: OperatorRole): string => `${metadata.name}-${PARTS[role].suffix}`;

/** The role's password, which no other cluster has. */
export function operatorRoleSecret(cluster: Cluster, role: OperatorRole, credentials: Credentials): Manifest {
  return {
    kind: 'Secret',
    metadata: { name: secretName(cluster, role) },
    data: Object.fromEntries(
      Object.entries(credentials).map(([key, value]: [string, string]) => [key, Buffer.from(value).toString('base64')]),
    ),
  };
}

/** In each instance's pod: who logs in as these roles, over TLS and by password. */
export function operatorRoleContainers(cluster: Cluster): readonly Json[] {
  return operatorRoles(cluster).map((role) =>
    container(cluster, {
      name: PARTS[role].suffix,
      command: ['/scripts/client.sh', PARTS[role].query],
      side: 'instance',
      mounts: [{ name: PARTS[role].suffix, mountPath: '/operator-role' }],
      env: { PGHOST: 'localhost', PGUSER: role, PGDATABASE: PARTS[role].database(cluster), PGSSLMODE: 'require' },
    }),
  );
}

export function operatorRoleVolumes(cluster: Cluster): readonly Json[] {
  return operatorRoles(cluster).map((role) => ({
    name: PARTS[role].suffix,
    secret: { secretName: secretName(cluster, role), defaultMode: 0o440 },
  }));
}
