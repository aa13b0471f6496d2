import { ANNOTATION, LABEL, instanceSelector } from '../../../plugin/plan/labels.ts';
import type { StepInstance } from '../../../plugin/plan/step-request.ts';
import type {
  Cluster,
  DeploymentView,
  JobView,
  PodView,
  PostgresClusterView,
} from '../../../plugin/steps/ports/ports.ts';

/** The part of Kubernetes that fence, commit and abort touch, in memory: databases by name, applications, one Service. */
export class Namespace implements Cluster {
  readonly annotations = new Map<string, Record<string, string>>();
  /** Migration Jobs by name, each with a pod. */
  readonly migrations = new Set<string>();
  /** Instances, or `migrate`, whose pods stay although they are to end, as pods that still answer somebody do. */
  readonly lingering = new Set<string>();
  readonly selectors = new Map<string, Readonly<Record<string, string>>>();
  readonly #databases = new Map<string, PostgresClusterView>();
  readonly #applications = new Map<string, { readonly instance: string; replicas: number }>();
  readonly #lifecycle: string;

  constructor(lifecycle: string) {
    this.#lifecycle = lifecycle;
  }

  add({ name, cluster, application }: StepInstance, digest?: string): void {
    const annotations: Record<string, string> = {};
    const labels: Record<string, string> = digest === undefined ? {} : { [LABEL.digest]: digest };
    this.annotations.set(cluster, annotations);
    this.#databases.set(cluster, {
      name: cluster,
      uid: `uid-${name}`,
      generation: 1,
      createdAt: new Date(0),
      annotations,
      labels,
      deleting: false,
      spec: {},
      status: {},
    });
    this.#applications.set(application, { instance: name, replicas: 3 });
  }

  /** The instance that the Service sends clients to. */
  serves(service: string): string | undefined {
    return this.selectors.get(service)?.[LABEL.instance];
  }

  abortedBecause(cluster: string): string | undefined {
    return this.annotations.get(cluster)?.[ANNOTATION.aborted];
  }

  #migrating(labels: Readonly<Record<string, string>>): readonly PodView[] {
    if (this.migrations.size === 0 && !this.lingering.has(MIGRATE)) return [];
    return [{ name: MIGRATE, ip: undefined, ready: false, labels, createdAt: new Date(0) }];
  }

  postgresCluster(name: string): Promise<PostgresClusterView | undefined> {
    return Promise.resolve(this.#databases.get(name));
  }

  annotatePostgresCluster(name: string, annotations: Readonly<Record<string, string | null>>): Promise<void> {
    Object.assign(this.annotations.get(name) ?? {}, annotations);
    return Promise.resolve();
  }

  createPostgresCluster(): Promise<void> {
    return refused();
  }

  removeDataSource(): Promise<void> {
    return Promise.resolve();
  }

  setRestore(): Promise<void> {
    return Promise.reject(new Error('there is no operator here'));
  }

  reapplyUsers(): Promise<void> {
    return Promise.reject(new Error('there is no operator here'));
  }

  pods(labels: Readonly<Record<string, string>>): Promise<readonly PodView[]> {
    if (labels[LABEL.step] === MIGRATE) return Promise.resolve(this.#migrating(labels));
    const instance = labels[LABEL.instance];
    return Promise.resolve(
      [...this.#applications.values()]
        .filter((application) => application.instance === instance)
        .flatMap(({ replicas, instance: name }) =>
          Array.from({ length: this.lingering.has(name) ? Math.max(1, replicas) : replicas }, (_, n) => ({
            name: `${name}-${n}`,
            ip: undefined,
            ready: true,
            labels: instanceSelector(this.#lifecycle, name),
            createdAt: new Date(0),
          })),
        ),
    );
  }

  deployment(name: string): Promise<DeploymentView | undefined> {
    const found = this.#applications.get(name);
    return Promise.resolve(
      found && { replicas: found.replicas, readyReplicas: found.replicas, updatedReplicas: found.replicas },
    );
  }

  scaleDeployment(name: string, replicas: number): Promise<void> {
    const found = this.#applications.get(name);
    if (found) found.replicas = replicas;
    return Promise.resolve();
  }

  serviceSelector(name: string): Promise<Readonly<Record<string, string>> | undefined> {
    return Promise.resolve(this.selectors.get(name));
  }

  setServiceSelector(name: string, selector: Readonly<Record<string, string>>): Promise<void> {
    this.selectors.set(name, selector);
    return Promise.resolve();
  }

  async endpoints(service: string): Promise<readonly string[]> {
    return (await this.pods(this.selectors.get(service) ?? {})).map(({ name }) => name);
  }

  deletePostgresCluster(): Promise<void> {
    return refused();
  }

  deleteDeployment(): Promise<void> {
    return refused();
  }

  volumeClaims(): Promise<readonly string[]> {
    return refused();
  }

  annotation(): Promise<string | undefined> {
    return refused();
  }

  annotated(): Promise<never[]> {
    return refused();
  }

  removeAnnotation(): Promise<void> {
    return refused();
  }

  announce(): Promise<void> {
    return refused();
  }

  jobs(labels: Readonly<Record<string, string>>): Promise<readonly JobView[]> {
    if (labels[LABEL.step] !== MIGRATE) return refused();
    const job = { labels, annotations: {}, active: 1, succeeded: 0, failed: 0, finished: false };
    return Promise.resolve([...this.migrations].map((name) => ({ name, ...job })));
  }

  jobLog(): Promise<string> {
    return refused();
  }

  deleteJob(name: string): Promise<void> {
    this.migrations.delete(name);
    return Promise.resolve();
  }
}

const MIGRATE = 'migrate';

/** Of Jobs the window looks at the migration's only, and deletes no others. */
const refused = (): Promise<never> => Promise.reject(new Error('the window has no business here'));
