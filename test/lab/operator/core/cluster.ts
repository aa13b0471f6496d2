/** The parts of a PostgresCluster that the stand-in reads, as the API server hands them out (CRD in crd.yaml). */
export interface Cluster {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly generation: number;
    readonly resourceVersion?: string;
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: ClusterSpec;
  readonly status?: Status;
}

export interface ClusterSpec {
  readonly postgresVersion: number;
  readonly instances: readonly InstanceSetSpec[];
  readonly backups?: { readonly pgbackrest: PgBackRestSpec };
  /** If both are there the operator takes the first one. */
  readonly dataSource?: { readonly postgresCluster?: DataSource; readonly pgbackrest?: CloudSource };
  readonly users?: readonly UserSpec[];
  readonly shutdown?: boolean;
  readonly paused?: boolean;
  readonly config?: { readonly parameters?: Parameters };
  readonly proxy?: { readonly pgBouncer?: object };
  readonly monitoring?: { readonly pgmonitor?: { readonly exporter?: object } };
  readonly patroni?: {
    readonly dynamicConfiguration?: { readonly postgresql?: { readonly parameters?: Parameters } };
  };
}

export type Parameters = Readonly<Record<string, string | number | boolean>>;

export interface InstanceSetSpec {
  readonly name?: string;
  readonly replicas?: number;
  readonly dataVolumeClaimSpec: unknown;
  readonly resources?: unknown;
}

export interface PgBackRestSpec {
  readonly repos: readonly RepositorySpec[];
  readonly global?: Readonly<Record<string, string>>;
  /** Sources of a projected volume: keys of cloud storage, passphrases. */
  readonly configuration?: readonly unknown[];
  readonly manual?: { readonly repoName: string; readonly options?: readonly string[] };
  readonly restore?: DataSource & { readonly enabled?: boolean };
  readonly jobs?: { readonly ttlSecondsAfterFinished?: number };
}

export interface RepositorySpec {
  readonly name: string;
  readonly s3?: { readonly bucket: string; readonly endpoint: string; readonly region: string };
  readonly volume?: { readonly volumeClaimSpec: unknown };
  readonly schedules?: { readonly full?: string; readonly differential?: string; readonly incremental?: string };
}

/** Where a clone, or a restore in place (no clusterName), takes its data from. */
export interface DataSource {
  readonly clusterName?: string;
  readonly clusterNamespace?: string;
  readonly repoName: string;
  readonly options?: readonly string[];
}

/** A repository in the cloud that a clone takes its data from; whose it was need not be there. */
export interface CloudSource extends Pick<PgBackRestSpec, 'global' | 'configuration'> {
  /** Default `db`. */
  readonly stanza?: string;
  readonly repo: RepositorySpec;
  readonly options?: readonly string[];
}

export interface UserSpec {
  readonly name: string;
  readonly databases?: readonly string[];
  readonly options?: string;
}

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration: number;
}

/** Progress of the restore or of the one-off backup, copied from its Job; zero counts are left out. */
export interface JobStatus {
  readonly id: string;
  readonly finished: boolean;
  readonly startTime?: string;
  readonly completionTime?: string;
  readonly active?: number;
  readonly succeeded?: number;
  readonly failed?: number;
}

export interface RepositoryStatus {
  readonly name: string;
  readonly bound?: true;
  /** Of a repository in S3: what of it makes another repository of it. */
  readonly repoOptionsHash?: string;
  readonly stanzaCreated: boolean;
  readonly replicaCreateBackupComplete?: true;
}

export interface InstanceSetStatus {
  readonly name: string;
  readonly replicas?: number;
  readonly readyReplicas?: number;
  readonly updatedReplicas?: number;
}

export interface Status {
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
  readonly instances?: readonly InstanceSetStatus[];
  readonly patroni?: { readonly systemIdentifier?: string };
  readonly pgbackrest?: {
    readonly repoHost?: { readonly ready: boolean };
    readonly repos?: readonly RepositoryStatus[];
    readonly restore?: JobStatus;
    readonly manualBackup?: JobStatus;
  };
  readonly startupInstance?: string;
  readonly startupInstanceSet?: string;
  readonly usersRevision?: string;
}
