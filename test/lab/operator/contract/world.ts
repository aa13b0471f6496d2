import type { Cluster, Status } from '../core/cluster.ts';
import { decide } from '../core/decide.ts';
import type { Wanted } from '../core/decision.ts';
import { BACKUP } from '../core/names.ts';
import { omit } from '../core/omit.ts';
import type { InstanceFacts, JobFacts, Observed, PodFacts } from '../core/observed.ts';
import type { RecordedEvent } from './recording.ts';

const LEADERLESS = { exists: false, released: false } as const;

/**
 * A cluster without a cluster: it holds the facts that the recorded events imply, and lets a fact come true only
 * if the core asked for what brings it about (no Job that was not wanted, no stanza before one could be made).
 */
export class World {
  private cluster: Cluster;
  private leadership: Observed['leadership'] = LEADERLESS;
  private instances: readonly InstanceFacts[] = [];
  private repoHost: Observed['repoHost'];
  private repoVolumes: ReadonlySet<string> = new Set();
  private stanzas: Observed['stanzas'] = {};
  private restoreJob: JobFacts | undefined;
  private manualJob: JobFacts | undefined;
  private initialBackupJob: JobFacts | undefined;
  private wanted: readonly Wanted[] = [];

  constructor(event: RecordedEvent) {
    this.cluster = {
      metadata: { name: event.cluster, namespace: 'demo', uid: event.cluster, generation: event.generation },
      spec: { postgresVersion: 15, instances: [{ name: 'set1', dataVolumeClaimSpec: {} }] },
      status: {},
    };
  }

  get status(): Status {
    return this.cluster.status ?? {};
  }

  /** One reconcile; what it wants to be gone is gone before the next one. */
  reconcile(sourceRepos: ReadonlySet<string> | undefined): void {
    const { status, wanted } = decide({
      now: 'now',
      cluster: this.cluster,
      instances: this.instances,
      leadership: this.leadership,
      ...optional({ repoHost: this.repoHost, restoreJob: this.restoreJob, manualJob: this.manualJob }),
      ...optional({ initialBackupJob: this.initialBackupJob, sourceRepos }),
      repoVolumes: this.repoVolumes,
      stanzas: this.stanzas,
      configuration: '',
    });
    this.cluster = { ...this.cluster, status };
    this.stanzas = {};
    this.wanted = wanted;
    for (const one of wanted) this.carryOut(one);
  }

  /** Ends a Job from outside, as somebody with kubectl does. */
  deleteManualJob(): void {
    this.manualJob = undefined;
  }

  /** Brings about what the event implies. */
  advance(event: RecordedEvent, deleting: boolean): void {
    this.edit(event, deleting);
    this.becomes(event);
    const { pgbackrest } = event.status;
    this.repoVolumes = new Set(pgbackrest?.repos?.flatMap((repo) => (repo.bound === true ? [repo.name] : [])) ?? []);
    this.advanceRepoHost(event);
    this.advanceStanza(event);
    this.advanceJobs(event);
  }

  private edit({ generation, annotations, spec }: RecordedEvent, deleting: boolean): void {
    this.cluster = {
      ...this.cluster,
      metadata: {
        ...this.cluster.metadata,
        generation,
        annotations,
        ...(deleting ? { deletionTimestamp: 'now' } : {}),
      },
      spec: {
        postgresVersion: 15,
        instances: this.cluster.spec.instances,
        ...optional({ dataSource: spec.dataSource }),
        backups: {
          pgbackrest: {
            repos: [{ name: 'repo1', volume: { volumeClaimSpec: {} } }],
            ...optional({ manual: spec.manual, restore: spec.restore }),
          },
        },
      },
    };
  }

  /** Pods and Patroni's records, one instance. */
  private becomes({ status }: RecordedEvent): void {
    const counts = status.instances?.[0] ?? { name: 'set1' };
    const tornDown = this.instances.some((instance) => !instance.runner);
    const systemIdentifier = status.patroni?.systemIdentifier;
    const bootstrapped = systemIdentifier !== undefined || status.pgbackrest?.repos?.[0]?.stanzaCreated === true;
    const pod: PodFacts | undefined =
      counts.replicas === undefined
        ? undefined
        : {
            name: 'pod',
            ready: counts.readyReplicas === 1,
            updated: counts.updatedReplicas === 1,
            terminating: false,
            running: counts.readyReplicas === 1 || (bootstrapped && !tornDown),
            role: 'master',
          };
    this.instances = this.instances.map((one) => ({ ...omit(one, 'pod'), ...optional({ pod }) }));
    const leader = this.instances[0]?.name;
    if (leader === undefined || tornDown || !bootstrapped) return;
    this.leadership = { exists: true, leader, released: false, ...optional({ systemIdentifier }) };
  }

  private advanceRepoHost({ status }: RecordedEvent): void {
    const seen = status.conditions?.some(({ type }) => type === 'PGBackRestReplicaRepoReady') ?? false;
    if (!seen && this.repoHost === undefined) return;
    const ready = status.pgbackrest?.repoHost?.ready ?? this.repoHost?.ready ?? false;
    if (this.repoHost !== undefined || this.asked('repository-host')) this.repoHost = { ready };
  }

  private advanceStanza({ status }: RecordedEvent): void {
    const created = status.pgbackrest?.repos?.[0]?.stanzaCreated === true;
    if (this.asked('create-stanzas')) this.stanzas = { repo1: created ? 'created' : 'failed' };
  }

  private advanceJobs({ status, annotations }: RecordedEvent): void {
    const { restore, manualBackup, repos } = status.pgbackrest ?? {};
    const made = this.restoreJob ?? this.wanted.find((wanted) => wanted.want === 'restore-job');
    if (restore?.startTime !== undefined && made?.id === restore.id) {
      this.restoreJob = jobFacts(restore, made.configHash);
    }
    if (manualBackup?.startTime !== undefined) {
      const there = this.manualJob?.id === manualBackup.id || this.asked('backup-job', annotations[BACKUP]);
      if (there) this.manualJob = jobFacts(manualBackup);
    }
    if (repos?.[0]?.replicaCreateBackupComplete === true && this.asked('backup-job')) {
      this.initialBackupJob = jobFacts({ id: '', finished: true, succeeded: 1 });
    }
  }

  private asked(want: Wanted['want'], id?: string): boolean {
    return this.wanted.some((wanted) => wanted.want === want && (!('id' in wanted) || wanted.id === id));
  }

  private carryOut(wanted: Wanted): void {
    if (wanted.want === 'delete-job') {
      if (this.restoreJob?.name === wanted.job) this.restoreJob = undefined;
      else this.manualJob = undefined;
    }
    if (wanted.want === 'delete-leadership') this.leadership = LEADERLESS;
    if (wanted.want === 'delete-runners') this.instances = this.instances.map((one) => ({ ...one, runner: false }));
    if (wanted.want === 'instances') {
      const { instances } = wanted;
      this.instances = instances.map((one) => ({
        ...this.instances.find((known) => known.name === one.name),
        ...one,
        runner: true,
      }));
    }
  }
}

function jobFacts(status: NonNullable<NonNullable<Status['pgbackrest']>['restore']>, configHash?: string): JobFacts {
  const { id, active = 0, succeeded = 0, failed = 0, startTime, completionTime } = status;
  return {
    name: `job of ${id}`,
    id,
    outcome: succeeded > 0 ? 'complete' : 'running',
    active,
    succeeded,
    failed,
    ...optional({ startTime, completionTime, configHash }),
  };
}

/** Leaves keys without a value out, as exact optional properties want it. */
function optional<T extends Record<string, unknown>>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
