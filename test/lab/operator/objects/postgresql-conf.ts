import type { Cluster, Parameters } from '../core/cluster.ts';
import { primaryHost } from './names.ts';

/** Defaults of the operator that a spec may change. */
const DEFAULTS: Parameters = {
  archive_timeout: '60s',
  jit: false,
  max_replication_slots: 10,
  max_wal_senders: 10,
  password_encryption: 'scram-sha-256',
  wal_level: 'logical',
};

/** What the operator does not let go of. */
function mandatory(cluster: Cluster): Parameters {
  return {
    archive_command: 'pgbackrest --stanza=db archive-push "%p"',
    archive_mode: 'on',
    listen_addresses: '*',
    port: 5432,
    primary_conninfo: primaryConninfo(cluster),
    restore_command: 'pgbackrest --stanza=db archive-get %f "%p"',
    ssl: true,
    ssl_ca_file: '/certs/ca.crt',
    ssl_cert_file: '/certs/tls.crt',
    ssl_key_file: '/certs/tls.key',
    unix_socket_directories: '/tmp',
    wal_log_hints: true,
  };
}

/** How a replica reaches the primary. */
export function primaryConninfo(cluster: Cluster): string {
  const certificates = { sslcert: '/certs/replication/tls.crt', sslkey: '/certs/replication/tls.key' };
  const options = {
    host: primaryHost(cluster),
    port: 5432,
    user: '_crunchyrepl',
    sslmode: 'verify-full',
    sslrootcert: '/certs/ca.crt',
    ...certificates,
  };
  return Object.entries(options)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}

/** `config.parameters` wins over Patroni's. */
export function postgresqlConf(cluster: Cluster): string {
  const { config, patroni } = cluster.spec;
  const parameters = {
    ...DEFAULTS,
    ...patroni?.dynamicConfiguration?.postgresql?.parameters,
    ...config?.parameters,
    ...mandatory(cluster),
  };
  return Object.entries(parameters)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name} = '${String(value).replaceAll("'", "''")}'\n`)
    .join('');
}

/** TLS for everybody from outside; the superuser without a password only inside the pod. */
export const PG_HBA = `local all postgres peer
hostssl replication _crunchyrepl all cert
host all _crunchyrepl all reject
hostssl all all all scram-sha-256
`;
