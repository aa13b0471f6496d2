import { LifecycleError } from '../../errors/errors.ts';
import { ANNOTATION, instanceSelector } from '../../plan/labels.ts';
import type { CreatedObject } from '../../plan/step-request.ts';
import type {
  Annotated,
  Cluster,
  DeploymentView,
  Guarded,
  LedgerEvent,
  Listed,
  JobView,
  PodView,
  PostgresClusterView,
  RestoreRequest,
} from '../ports/ports.ts';
import { FakeOperator } from './fake-operator.ts';
import type { VirtualClock } from './virtual-clock.ts';

const matches = (labels: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean =>
  Object.entries(wanted).every(([key, value]) => labels[key] === value);

/** A namespace in memory: Deployments whose pods follow a second later, Services, and an operator for the databases. */
export class MemoryCluster implements Cluster {
  readonly operator: FakeOperator;
  readonly services = new Map<string, Readonly<Record<string, string>>>();
  readonly deployments = new Map<string, { instance: string; wanted: number; ready: number }>();
  /** By kind, name and key. */
  readonly annotations = new Map<string, string>();
  readonly events: string[] = [];
  /** Of whichever Job is asked for. */
  log = '';
  /** What the policies say to the next creations of a database, last first. */
  readonly refuseToCreate: string[] = [];
  /** Every effect, in order. */
  readonly effects: string[] = [];
  readonly #lifecycle: string;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock, lifecycle = 'bestie') {
    this.#clock = clock;
    this.#lifecycle = lifecycle;
    this.operator = new FakeOperator(clock);
    clock.everySecond(() => {
      this.operator.tick();
      for (const deployment of this.deployments.values()) deployment.ready = deployment.wanted;
    });
  }

  postgresCluster(name: string): Promise<PostgresClusterView | undefined> {
    return Promise.resolve(this.operator.view(name));
  }

  annotatePostgresCluster(
    name: string,
    annotations: Readonly<Record<string, string | null>>,
    labels: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    this.effects.push(`annotate ${name} ${JSON.stringify(annotations)}`);
    this.operator.annotate(name, annotations);
    this.operator.label(name, labels);
    return Promise.resolve();
  }

  createPostgresCluster(object: CreatedObject): Promise<void> {
    const { name } = object.metadata;
    this.effects.push(`create ${name}`);
    if (this.refuseToCreate.length > 0)
      return Promise.reject(new LifecycleError('api-failed', this.refuseToCreate.pop() ?? ''));
    this.operator.clone(name, object);
    return Promise.resolve();
  }

  removeDataSource(name: string): Promise<void> {
    this.effects.push(`no source ${name}`);
    this.operator.removeSource(name);
    return Promise.resolve();
  }

  setRestore(name: string, restore: RestoreRequest | null): Promise<void> {
    this.effects.push(`restore ${name} ${restore?.id ?? 'none'}`);
    this.operator.setRestore(name, restore);
    return Promise.resolve();
  }

  reapplyUsers(name: string): Promise<void> {
    this.effects.push(`reapply users ${name}`);
    return Promise.resolve();
  }

  deletePostgresCluster(name: string, uid: string): Promise<void> {
    const view = this.operator.view(name);
    if (view && view.uid !== uid) return Promise.reject(new Error('409: the UID in the precondition differs'));
    this.effects.push(`delete ${name}`);
    this.operator.delete(name);
    return Promise.resolve();
  }

  volumeClaims(cluster: string): Promise<readonly string[]> {
    return Promise.resolve(this.operator.claims(cluster));
  }

  jobs(labels: Readonly<Record<string, string>>): Promise<readonly JobView[]> {
    return Promise.resolve(this.operator.jobs.filter((job) => matches(job.labels, labels)));
  }

  jobLog(): Promise<string> {
    return Promise.resolve(this.log);
  }

  deleteJob(name: string): Promise<void> {
    this.effects.push(`delete ${name}`);
    return Promise.resolve();
  }

  pods(labels: Readonly<Record<string, string>>): Promise<readonly PodView[]> {
    return Promise.resolve(this.#pods().filter((pod) => matches(pod.labels, labels)));
  }

  deployment(name: string): Promise<DeploymentView | undefined> {
    const is = this.deployments.get(name);
    const view = is && { replicas: is.wanted, readyReplicas: is.ready, updatedReplicas: is.ready };
    return Promise.resolve(view);
  }

  scaleDeployment(name: string, replicas: number): Promise<void> {
    this.effects.push(`scale ${name} ${replicas}`);
    const is = this.deployments.get(name);
    if (is) is.wanted = replicas;
    return Promise.resolve();
  }

  deleteDeployment(name: string): Promise<void> {
    if (this.deployments.delete(name)) this.effects.push(`delete ${name}`);
    return Promise.resolve();
  }

  serviceSelector(name: string): Promise<Readonly<Record<string, string>> | undefined> {
    return Promise.resolve(this.services.get(name));
  }

  setServiceSelector(name: string, selector: Readonly<Record<string, string>>): Promise<void> {
    this.effects.push(`select ${name} ${JSON.stringify(selector)}`);
    this.services.set(name, selector);
    return Promise.resolve();
  }

  endpoints(service: string): Promise<readonly string[]> {
    const selector = this.services.get(service) ?? {};
    return Promise.resolve(this.#ready(selector));
  }

  annotation({ kind, name }: Guarded, key: string): Promise<string | undefined> {
    return Promise.resolve(this.annotations.get(`${kind} ${name} ${key}`));
  }

  annotated(kind: Listed, labels: Readonly<Record<string, string>>, key: string): Promise<readonly Annotated[]> {
    const [of = ''] = Object.values(labels);
    const prefix = `${kind} ${of}`;
    const found = [...this.annotations].flatMap(([at, value]) =>
      at.startsWith(prefix) && at.endsWith(` ${key}`) ? [{ name: at.split(' ')[1] ?? '', value }] : [],
    );
    return Promise.resolve(found);
  }

  removeAnnotation({ kind, name }: Guarded, key: string, value: string): Promise<void> {
    const of = `${kind} ${name} ${key}`;
    if (this.annotations.get(of) !== value) return Promise.reject(new Error('422: the test operation failed'));
    this.annotations.delete(of);
    return Promise.resolve();
  }

  announce({ name }: { readonly name: string }, { reason, message }: LedgerEvent): Promise<void> {
    this.events.push(`${name} ${reason} ${message}`);
    return Promise.resolve();
  }

  /** The ids of backups that ran, each as often as it ran. */
  backups(): readonly string[] {
    return this.operator.backups;
  }

  servingMark(cluster: string): string | undefined {
    return this.operator.view(cluster)?.annotations[ANNOTATION.serving];
  }

  #ready(selector: Readonly<Record<string, string>>): readonly string[] {
    return this.#pods()
      .filter(({ ready, labels }) => ready && matches(labels, selector))
      .map(({ name }) => name);
  }

  #pods(): readonly PodView[] {
    return [...this.deployments].flatMap(([name, { instance, ready }]) =>
      Array.from({ length: ready }, (_, index) => ({
        name: `${name}-${index}`,
        ip: '10.0.0.1',
        ready: true,
        labels: instanceSelector(this.#lifecycle, instance),
        createdAt: this.#clock.now(),
      })),
    );
  }
}
