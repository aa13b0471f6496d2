import { ANNOTATION } from '../../plan/labels.ts';
import type { CreatedObject } from '../../plan/step-request.ts';
import type { JobView, PostgresClusterView, RestoreRequest } from '../ports/ports.ts';
import type { VirtualClock } from './virtual-clock.ts';

const CLUSTER = 'postgres-operator.crunchydata.com/cluster';
const CONDITIONS = ['PGBackRestRepoHostReady', 'PGBackRestReplicaRepoReady', 'PGBackRestReplicaCreate'];

type Texts = Readonly<Record<string, string>>;
type Json = Readonly<Record<string, unknown>>;

/** A PostgresCluster that is up, as the operator writes it (recorded scenario `create`). */
export function healthyStatus(more: { readonly pgbackrest?: Json; readonly conditions?: readonly Json[] } = {}): Json {
  return {
    observedGeneration: 1,
    conditions: [...CONDITIONS.map((type) => ({ type, status: 'True' })), ...(more.conditions ?? [])],
    instances: [{ name: 'set1', replicas: 1, readyReplicas: 1, updatedReplicas: 1 }],
    patroni: { systemIdentifier: '7711368670153003104' },
    pgbackrest: { repos: [{ name: 'repo1', stanzaCreated: true }], ...more.pgbackrest },
  };
}

interface Database {
  view: PostgresClusterView;
  /** Seconds until a deleted one is gone. */
  leaving: number;
}

/** The operator's observable contract, as far as steps depend on it; one second passes at each tick. */
export class FakeOperator {
  /** Ids of one-off backups that ran, each as often as it ran. */
  readonly backups: string[] = [];
  jobs: JobView[] = [];
  /** A backup whose Job fails again and again, as a bad option makes it. */
  failing = false;
  /** Ids of restores that were begun, in order. */
  readonly restores: string[] = [];
  /** Clusters that somebody made with a source, in order. */
  readonly made: string[] = [];
  /** A restore whose Job fails, or replays for ever. */
  restoring: 'well' | 'failing' | 'at the second try' | 'for ever' = 'well';
  readonly #clock: VirtualClock;
  readonly #databases = new Map<string, Database>();
  readonly #claims = new Map<string, number>();

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  create(name: string, more: Partial<PostgresClusterView> = {}): void {
    const spec = {
      instances: [{ name: 'set1', replicas: 1 }],
      backups: { pgbackrest: { manual: { repoName: 'repo1' }, repos: [{ name: 'repo1', volume: {} }] } },
    };
    const base = { name, uid: `uid-${name}`, generation: 1, createdAt: this.#clock.now(), annotations: {}, labels: {} };
    const view = { ...base, deleting: false, spec, status: healthyStatus(), ...more };
    this.#databases.set(name, { view, leaving: 0 });
    this.#claims.set(name, 3);
  }

  /** As somebody asked for it, with a source: cloned a second later, or never. */
  clone(name: string, { metadata, spec }: CreatedObject): void {
    const { labels, annotations } = metadata as { readonly labels?: Texts; readonly annotations?: Texts };
    if (this.#databases.has(name)) throw new Error(`409: there is a PostgresCluster ${name}`);
    this.made.push(name);
    const id = `~pgo-bootstrap-${name}`;
    const status = healthyStatus({ pgbackrest: { restore: { id, finished: false } } });
    const uid = `uid-${name}-${this.#clock.now().toISOString()}`;
    this.create(name, { uid, labels: labels ?? {}, annotations: annotations ?? {}, spec, status });
  }

  removeSource(name: string): void {
    const { spec } = this.#present(name).view;
    this.#change(name, { spec: { ...spec, dataSource: undefined } });
  }

  view(name: string): PostgresClusterView | undefined {
    return this.#databases.get(name)?.view;
  }

  claims(name: string): readonly string[] {
    return this.#claims.has(name) ? [`${name}-set1-data`] : [];
  }

  /** Volumes that a deleted cluster has left, gone after some seconds. */
  leaveClaims(name: string, seconds: number): void {
    this.#claims.set(name, seconds);
  }

  annotate(name: string, annotations: Readonly<Record<string, string | null>>): void {
    const { annotations: before } = this.#present(name).view;
    const entries = Object.entries({ ...before, ...annotations }).filter(([, value]) => value !== null);
    this.#change(name, { annotations: Object.fromEntries(entries) as Record<string, string> });
  }

  label(name: string, labels: Texts): void {
    const { labels: before } = this.#present(name).view;
    this.#change(name, { labels: { ...before, ...labels } });
  }

  setRestore(name: string, restore: RestoreRequest | null): void {
    const { spec } = this.#present(name).view;
    const { pgbackrest } = spec['backups'] as { readonly pgbackrest: Json };
    const block =
      restore === null ? undefined : { enabled: true, repoName: restore.repository, options: restore.options };
    this.annotate(name, { [ANNOTATION.pgoRestore]: restore?.id ?? null });
    this.#change(name, { spec: { ...spec, backups: { pgbackrest: { ...pgbackrest, restore: block } } } });
  }

  delete(name: string): void {
    if (!this.#databases.has(name)) return;
    this.#present(name).leaving = 2;
    this.#change(name, { deleting: true });
  }

  setStatus(name: string, status: Json): void {
    this.#change(name, { status });
  }

  tick(): void {
    for (const [name, database] of this.#databases) {
      if (database.view.deleting && (database.leaving -= 1) <= 0) this.#databases.delete(name);
      else if (!this.#restore(name, database.view)) this.#backup(name, database.view);
    }
    for (const [name, left] of this.#claims) {
      if (this.#databases.has(name)) continue;
      if (left <= 1) this.#claims.delete(name);
      else this.#claims.set(name, left - 1);
    }
  }

  /** Torn down → running → finished, a second each; what pgBackRest's status held before is gone. @returns whether it is at work. */
  #restore(name: string, { annotations, spec, status }: PostgresClusterView): boolean {
    const id = wanted(name, annotations, spec);
    if (id === undefined) return false;
    const is = (status['pgbackrest'] as { readonly restore?: Json }).restore;
    if (is?.['id'] === id && is['finished'] === true) return false;
    const now = this.#clock.now().toISOString();
    const down = { ...healthyStatus(), instances: [] };
    const progressing = { type: 'PGBackRestoreProgressing', status: 'True' };
    const set = (restore: Json): void => {
      this.setStatus(name, { ...down, conditions: [progressing], pgbackrest: { restore } });
    };
    if (is?.['id'] !== id) {
      this.restores.push(id);
      set({ id, finished: false });
    } else if (this.restoring === 'failing') set({ ...is, failed: 1 });
    else if (this.restoring === 'at the second try') set({ ...is, failed: 1, active: 1, startTime: now });
    else if (is['active'] === undefined || this.restoring === 'for ever') set({ ...is, active: 1, startTime: now });
    else {
      const restore = { id, finished: true, succeeded: 1, startTime: is['startTime'], completionTime: now };
      const initialised = { type: 'PostgresDataInitialized', status: 'True' };
      this.setStatus(name, healthyStatus({ pgbackrest: { restore }, conditions: [initialised] }));
    }
    return true;
  }

  /** requested → running → finished, a second each; only the last id is known. */
  #backup(name: string, { annotations, status }: PostgresClusterView): void {
    const id = annotations[ANNOTATION.pgoBackup];
    if (id === undefined) return;
    const is = (status['pgbackrest'] as { manualBackup?: Json }).manualBackup;
    const startTime = this.#clock.now().toISOString();
    if (is?.['id'] !== id) {
      this.#manual(name, { id, finished: false });
      return;
    }
    if (is['finished'] === true) return;
    if (is['active'] === undefined && is['failed'] === undefined) {
      this.backups.push(id);
      this.#manual(name, { id, finished: false, active: 1, startTime });
      return;
    }
    if (this.failing) {
      this.#manual(name, { ...is, active: 0, failed: 1 });
      return;
    }
    this.#manual(name, { ...is, active: 0, succeeded: 1, finished: true, completionTime: startTime }, [
      { type: 'PGBackRestManualBackupSuccessful', status: 'True' },
    ]);
  }

  #manual(name: string, manualBackup: Json, conditions: readonly Json[] = []): void {
    const repos = [{ name: 'repo1', stanzaCreated: true }];
    this.setStatus(name, healthyStatus({ pgbackrest: { repos, manualBackup }, conditions }));
  }

  #change(name: string, more: Partial<PostgresClusterView>): void {
    const database = this.#present(name);
    database.view = { ...database.view, ...more };
  }

  #present(name: string): Database {
    const database = this.#databases.get(name);
    if (!database) throw new Error(`404: no PostgresCluster ${name}`);
    return database;
  }
}

/** The id of the restore that a cluster's object asks for: its clone's, or one in place. */
function wanted(name: string, annotations: Texts, { dataSource, backups }: Json): string | undefined {
  if (dataSource !== undefined) return `~pgo-bootstrap-${name}`;
  const { pgbackrest } = backups as { readonly pgbackrest: { readonly restore?: { readonly enabled: boolean } } };
  return pgbackrest.restore?.enabled === true ? annotations[ANNOTATION.pgoRestore] : undefined;
}

/** A Job of the operator for a cluster. */
export function operatorJob(cluster: string, more: Partial<JobView> = {}): JobView {
  const labels = { [CLUSTER]: cluster, [ANNOTATION.pgoBackup]: 'manual' };
  return {
    name: `${cluster}-backup-x1y2`,
    labels,
    annotations: {},
    active: 1,
    succeeded: 0,
    failed: 0,
    finished: false,
    ...more,
  };
}
