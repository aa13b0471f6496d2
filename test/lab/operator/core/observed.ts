import type { Cluster } from './cluster.ts';

/** Everything that a decision may depend on: one snapshot of the cluster's objects and of what was last tried. */
export interface Observed {
  readonly now: string;
  readonly cluster: Cluster;
  readonly instances: readonly InstanceFacts[];
  readonly leadership: Leadership;
  /** Undefined: no StatefulSet of the repository host yet. */
  readonly repoHost?: { readonly ready: boolean };
  /** Names of repositories whose volume claim is there. */
  readonly repoVolumes: ReadonlySet<string>;
  /** Outcome of a stanza-create since the last decision. */
  readonly stanzas: Readonly<Record<string, 'created' | 'failed'>>;
  readonly restoreJob?: JobFacts;
  readonly manualJob?: JobFacts;
  readonly initialBackupJob?: JobFacts;
  /** Repositories of the cluster that dataSource names; undefined: there is no such cluster. */
  readonly sourceRepos?: ReadonlySet<string>;
  /** Revision of the users as spec and Secrets ask for them. */
  readonly usersRevision?: string;
  /** Revision that SQL has brought into the database since the last decision. */
  readonly usersApplied?: string;
  /** Revision of the PostgreSQL configuration as the spec asks for it. */
  readonly configuration: string;
}

export interface InstanceFacts {
  readonly name: string;
  readonly set: string;
  /** It has a StatefulSet; without one only its volume is left. */
  readonly runner: boolean;
  readonly pod?: PodFacts;
}

export interface PodFacts {
  readonly name: string;
  readonly ip?: string;
  readonly ready: boolean;
  /** The container is up: it can be given a role. */
  readonly running: boolean;
  readonly terminating: boolean;
  /** Its template is the StatefulSet's current one. */
  readonly updated: boolean;
  readonly role?: 'master' | 'replica';
  /** Revision of the PostgreSQL configuration that it runs with. */
  readonly configuration?: string;
}

/** What Patroni keeps in its Endpoints objects. */
export interface Leadership {
  readonly exists: boolean;
  /** Name of the instance. */
  readonly leader?: string;
  readonly address?: string;
  readonly systemIdentifier?: string;
  /** The leader was shut down in order, or has been away for longer than its lease: another one may take over. */
  readonly released: boolean;
}

export interface JobFacts {
  readonly name: string;
  /** The request it was made for. */
  readonly id?: string;
  readonly configHash?: string;
  readonly outcome: 'running' | 'complete' | 'failed';
  readonly active: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly startTime?: string;
  readonly completionTime?: string;
}
