import { readdirSync, readFileSync } from 'node:fs';
import type { Cluster } from '../core/cluster.ts';
import { digest } from '../core/names.ts';
import type { Manifest } from '../edge/kinds.ts';
import { asSource } from './cloud-source.ts';
import { configMap } from './names.ts';
import { pgbackrestConf } from './pgbackrest-conf.ts';
import { PG_HBA, postgresqlConf, primaryConninfo } from './postgresql-conf.ts';

const SCRIPTS = new URL('../scripts/', import.meta.url);

function files(cluster: Cluster): Readonly<Record<string, string>> {
  return {
    'pg_hba.conf': PG_HBA,
    'pgbackrest_instance.conf': pgbackrestConf(cluster, 'instance'),
    'pgbackrest_repo.conf': pgbackrestConf(cluster, 'repo'),
    'postgresql.conf': postgresqlConf(cluster),
    primary_conninfo: primaryConninfo(cluster),
  };
}

/**
 * What a clone's Job reads a cloud's repository by. The operator writes it over the instances' own file until the clone is
 * there; beside it no instance can begin with it, and archive to where it came from.
 */
function sourceFile(cluster: Cluster): Readonly<Record<string, string>> {
  const source = cluster.spec.dataSource?.pgbackrest;
  return source ? { 'pgbackrest_source.conf': pgbackrestConf(asSource(cluster, source), 'instance') } : {};
}

/** Revision of the configuration that the spec asks for; it stands beside it in the pods. */
export function configurationRevision(cluster: Cluster): string {
  return digest(JSON.stringify(files(cluster))).slice(0, 16);
}

/** Configuration and the pods' scripts. */
export function configuration(cluster: Cluster): readonly Manifest[] {
  const { name } = cluster.metadata;
  const scripts = readdirSync(SCRIPTS).map((file) => [file, readFileSync(new URL(file, SCRIPTS), 'utf8')] as const);
  return [
    {
      kind: 'ConfigMap',
      metadata: { name: configMap(name) },
      data: { ...files(cluster), ...sourceFile(cluster), revision: `${configurationRevision(cluster)}\n` },
    },
    { kind: 'ConfigMap', metadata: { name: `${name}-scripts` }, data: Object.fromEntries(scripts) },
  ];
}
