import type { Cluster, ClusterSpec, PgBackRestSpec, Status } from '../core/cluster.ts';
import { BACKUP, GROUP, RESTORE } from '../core/names.ts';
import { waitFor } from '../../wait-for.ts';
import { kubectl } from '../../kubectl.ts';

export type Spec = Pick<ClusterSpec, 'dataSource'> & {
  /** Default: repo1, on a volume. */
  readonly repository?: Pick<PgBackRestSpec, 'configuration' | 'global' | 'repos'>;
  readonly replicas?: number;
  readonly manual?: { readonly options: readonly string[] };
  readonly restore?: { readonly options: readonly string[] };
};

const KIND = `postgrescluster.${GROUP}`;
const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };

const ON_VOLUME = { repos: [{ name: 'repo1', schedules: { full: '0 1 * * 0' }, volume: { volumeClaimSpec: claim } }] };

/** A PostgresCluster in the lab, as somebody with kubectl sees it. */
export class LiveCluster {
  readonly namespace: string;
  readonly name: string;

  constructor(namespace: string, name: string) {
    this.namespace = namespace;
    this.name = name;
  }

  /** Applies the whole spec: what is left out is removed. */
  async apply({ replicas = 1, dataSource, manual, restore, repository = ON_VOLUME }: Spec): Promise<void> {
    const spec = {
      postgresVersion: 15,
      users: [{ name: 'bestie', databases: ['bestie'] }, { name: 'postgres' }],
      instances: [{ name: 'set1', replicas, dataVolumeClaimSpec: claim }],
      ...(dataSource && { dataSource }),
      backups: {
        pgbackrest: {
          ...repository,
          global: { 'start-fast': 'y', ...repository.global },
          ...(manual && { manual: { repoName: 'repo1', ...manual } }),
          ...(restore && { restore: { enabled: true, repoName: 'repo1', ...restore } }),
        },
      },
    };
    const metadata = { name: this.name, namespace: this.namespace };
    const cluster = { apiVersion: `${GROUP}/v1beta1`, kind: 'PostgresCluster', metadata, spec };
    await kubectl(['apply', '--server-side', '--field-manager=test', '-f', '-'], JSON.stringify(cluster));
  }

  async annotate(request: 'backup' | 'restore', id: string): Promise<void> {
    const annotation = request === 'backup' ? BACKUP : RESTORE;
    await this.kubectl('annotate', '--overwrite', KIND, this.name, `${annotation}=${id}`);
  }

  /** Returns when the object is gone; what it owned is collected after that. */
  async delete(): Promise<void> {
    await this.kubectl('delete', KIND, this.name);
  }

  async object(): Promise<Cluster> {
    return JSON.parse(await this.kubectl('get', KIND, this.name, '-o', 'json')) as Cluster;
  }

  /** Waits for a status that belongs to the present spec. */
  async until(what: string, holds: (status: Status) => boolean, timeoutSeconds = 120): Promise<Status> {
    return await waitFor(
      async () => {
        const { metadata, status = {} } = await this.object();
        if (!holds(status)) throw new Error(JSON.stringify({ generation: metadata.generation, status }));
        return status;
      },
      // Each look is a process of its own.
      { what: `${this.name}: ${what}`, timeoutSeconds, everyMilliseconds: 1000 },
    );
  }

  /** Every instance is ready, and what the last restore left is not taken for it. */
  async ready(replicas = 1): Promise<Status> {
    return await this.until('ready', (status) => {
      return status.instances?.[0]?.readyReplicas === replicas && status.patroni?.systemIdentifier !== undefined;
    });
  }

  async backedUp(): Promise<void> {
    await this.until('first backup', ({ pgbackrest }) => pgbackrest?.repos?.[0]?.replicaCreateBackupComplete === true);
  }

  async restored(id: string, replicas = 1): Promise<void> {
    await this.until(`restore ${id}`, ({ pgbackrest }) => {
      return pgbackrest?.restore?.id === id && pgbackrest.restore.succeeded === 1;
    });
    await this.ready(replicas);
  }

  /** Runs SQL as the superuser inside the primary's pod. @returns the rows, unaligned. */
  async sql(statement: string, database = 'bestie'): Promise<string> {
    const psql = ['psql', '--no-psqlrc', '-qAt', '-v', 'ON_ERROR_STOP=1', '-d', database, '-f', '-'];
    return await this.kubectlIn(await this.primary(), 'database', psql, statement);
  }

  /** Runs SQL as an application does: with the Secret's own words, over TLS, through the Service, from another pod. */
  async sqlAsClient(statement: string): Promise<string> {
    const { user = '', password = '', host = '', port = '', dbname = '' } = await this.secret();
    const conninfo = `host=${host} port=${port} user=${user} dbname=${dbname} sslmode=verify-full sslrootcert=/certs/ca.crt connect_timeout=2`;
    const script =
      'IFS= read -r PGPASSWORD; export PGPASSWORD; exec psql --no-psqlrc -qAt -v ON_ERROR_STOP=1 "$0" -f -';
    const command = ['bash', '-c', script, conninfo];
    return await this.kubectlIn(`${this.name}-repo-host-0`, 'pgbackrest', command, `${password}\n${statement}`);
  }

  async secret(user = 'bestie'): Promise<Readonly<Record<string, string>>> {
    const { data } = JSON.parse(await this.kubectl('get', 'secret', `${this.name}-pguser-${user}`, '-o', 'json')) as {
      readonly data: Readonly<Record<string, string>>;
    };
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
    );
  }

  async primary(): Promise<string> {
    const selector = `${GROUP}/cluster=${this.name},${GROUP}/role=master`;
    return await this.kubectl('get', 'pods', '-l', selector, '-o', 'jsonpath={.items[*].metadata.name}');
  }

  async kubectl(...args: readonly string[]): Promise<string> {
    return await kubectl(['-n', this.namespace, ...args]);
  }

  private async kubectlIn(pod: string, container: string, argv: readonly string[], input: string): Promise<string> {
    return await kubectl(['-n', this.namespace, 'exec', '-i', pod, '-c', container, '--', ...argv], input);
  }
}
