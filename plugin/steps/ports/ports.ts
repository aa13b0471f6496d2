import type { Status } from '../../lifecycle/status.ts';
import type { CreatedObject } from '../../plan/step-request.ts';

/** The narrow ports through which steps reach the world. plugin/cluster implements those that are Kubernetes. */

/** The Lifecycle object as the step last saw it. */
export interface LedgerView {
  readonly uid: string;
  readonly generation: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly status: Status;
}

export interface Ledger {
  read(): Promise<LedgerView>;
  /**
   * Compare-and-swap: reads, lets `change` decide on what it read, writes with that resourceVersion; on a conflict reads
   * and asks again. `change` returns the new status, or undefined to refuse (nothing is written then).
   * @returns the view that now holds, and whether this call's change was written.
   */
  update(
    change: (view: LedgerView) => Status | undefined,
  ): Promise<{ readonly written: boolean; readonly view: LedgerView }>;
}

export interface PostgresClusterView {
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly createdAt: Date;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly deleting: boolean;
  /** Raw spec and status, as the operator's API serves them. */
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status: Readonly<Record<string, unknown>>;
}

/** A restore in place, as the operator is asked for it. */
export interface RestoreRequest {
  readonly id: string;
  readonly repository: string;
  /** Options of `pgbackrest restore`; the operator joins them into a shell's command line. */
  readonly options: readonly string[];
}

export interface PodView {
  readonly name: string;
  readonly ip: string | undefined;
  readonly ready: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAt: Date;
}

export interface JobView {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly active: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Complete or Failed for good; between two tries of a Job nothing is active, and it is not finished. */
  readonly finished: boolean;
}

export interface DeploymentView {
  /** Wanted: `spec.replicas`. */
  readonly replicas: number;
  readonly readyReplicas: number;
  readonly updatedReplicas: number;
}

/** What the admission policies guard and a step can name. */
export interface Guarded {
  readonly kind: 'Lifecycle' | 'PostgresCluster' | 'Service';
  readonly name: string;
}

/** What the policies guard besides, and a step finds by its labels. */
export type Listed = 'PersistentVolumeClaim' | 'EndpointSlice';

export interface Annotated {
  readonly name: string;
  readonly value: string;
}

/** What people are told of the Lifecycle. */
export interface LedgerEvent {
  readonly type: 'Normal' | 'Warning';
  /** In CamelCase. */
  readonly reason: string;
  readonly message: string;
}

/** Kubernetes, in the step's own namespace. Absent objects read as undefined; deletions of absent objects are no errors. */
export interface Cluster {
  postgresCluster(name: string): Promise<PostgresClusterView | undefined>;
  /** Merge-patches annotations and labels; null removes an annotation. */
  annotatePostgresCluster(
    name: string,
    annotations: Readonly<Record<string, string | null>>,
    labels?: Readonly<Record<string, string>>,
  ): Promise<void>;
  /** Sets the restore of this id on the live object, or takes whichever there is off it; one request. */
  setRestore(name: string, restore: RestoreRequest | null): Promise<void>;
  /** Makes one; another one of its name is an error, so that nothing is taken over. */
  createPostgresCluster(object: CreatedObject): Promise<void>;
  /** Takes the source of a clone off, which is finished, and lets go of the fields of one that was made by `createPostgresCluster`. */
  removeDataSource(name: string): Promise<void>;
  /** Makes the operator write roles and passwords again, which it believes to be what its Secrets say. */
  reapplyUsers(name: string): Promise<void>;
  /** Deletes exactly the object with this UID (precondition), foreground; returns at once. */
  deletePostgresCluster(name: string, uid: string): Promise<void>;
  /** Names of PersistentVolumeClaims that carry the operator's cluster label. */
  volumeClaims(cluster: string): Promise<readonly string[]>;
  /** Jobs that carry all of these labels. */
  jobs(labels: Readonly<Record<string, string>>): Promise<readonly JobView[]>;
  /** The last lines of what a container of a Job's newest pod wrote; empty where there is none. */
  jobLog(job: string, container: string): Promise<string>;
  /** With its pods; returns at once. */
  deleteJob(name: string): Promise<void>;
  /** Pods that carry all of these labels; those that have ended are left out. */
  pods(labels: Readonly<Record<string, string>>): Promise<readonly PodView[]>;
  deployment(name: string): Promise<DeploymentView | undefined>;
  /** Through the scale subresource. `replicas` is never rendered, so that Argo CD does not fight it (ADR 3). */
  scaleDeployment(name: string, replicas: number): Promise<void>;
  deleteDeployment(name: string): Promise<void>;
  serviceSelector(name: string): Promise<Readonly<Record<string, string>> | undefined>;
  setServiceSelector(name: string, selector: Readonly<Record<string, string>>): Promise<void>;
  /** Pod names behind a Service that are ready, from its EndpointSlices. */
  endpoints(service: string): Promise<readonly string[]>;
  /** One annotation of an object that is there. */
  annotation(object: Guarded, key: string): Promise<string | undefined>;
  /** Objects with all of these labels that have the annotation, with its value. */
  annotated(kind: Listed, labels: Readonly<Record<string, string>>, key: string): Promise<readonly Annotated[]>;
  /** Takes an annotation off, unless it has another value by now. */
  removeAnnotation(object: Guarded, key: string, value: string): Promise<void>;
  /** Makes an Event about the Lifecycle. */
  announce(lifecycle: { readonly name: string; readonly uid: string }, event: LedgerEvent): Promise<void>;
}

export interface Clock {
  now(): Date;
  /** Rejects with the signal's reason as soon as it is aborted, so that no loop spins on an aborted signal. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** Progress lines: the Job's log, and (throttled) `status.message`. Never secrets. */
export interface Progress {
  /** May be handed on by itself. */
  readonly report: (message: string) => void;
}
