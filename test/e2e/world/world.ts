import { statusSchema, type Status } from '../../../plugin/lifecycle/status.ts';
import { applicationStatus, applyApplication, refresh, type ApplicationStatus } from '../../lab/argocd/application.ts';
import { commitFiles, createRepository, headOf, type Repository } from '../../lab/argocd/repository.ts';
import { apply, getObject } from '../../lab/kubectl.ts';
import { waitFor } from '../../lab/wait-for.ts';

/** One team's corner of the cluster: a namespace, a Git repository and the Application that joins them. */
export interface World {
  /** Namespace, Application and repository are called the same. */
  readonly name: string;
  readonly repository: Repository;
}

const LIFECYCLE = 'bestie';
/** Each look starts a process or two: more often would take the processor from what is awaited. */
const LOOK_MILLISECONDS = 1000;

/** @param objects what is in the namespace before the first commit, such as Secrets. */
export async function openWorld(
  name: string,
  lifecycle: string,
  objects: (namespace: string) => readonly unknown[] = () => [],
): Promise<World> {
  await apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, ...objects(name)]);
  const repository = await createRepository(name);
  await commitFiles(repository, { 'lifecycle.yaml': lifecycle }, 'First commit');
  await applyApplication({ name, namespace: name, repository });
  return { name, repository };
}

/** Commits the lifecycle file and tells Argo CD, as a webhook would. */
export async function commitLifecycle(world: World, lifecycle: string, message: string): Promise<void> {
  await commitFiles(world.repository, { 'lifecycle.yaml': lifecycle }, message);
  await refresh(world.name, 'normal');
}

export async function ledger({ name }: World): Promise<Status> {
  const object = await getObject<{ status?: unknown }>('lifecycle', LIFECYCLE, name);
  return statusSchema.parse(object?.status ?? {});
}

/** Polls the ledger until it says so. @throws Error with the last message of ledger and Application. */
export async function waitForLedger(
  world: World,
  what: string,
  says: (status: Status) => boolean,
  timeoutSeconds: number,
): Promise<Status> {
  return waitFor(
    async () => {
      const status = await ledger(world);
      if (says(status)) return status;
      const { operation } = await applicationStatus(world.name);
      throw new Error(
        `ledger: ${status.phase ?? '-'}: ${status.message ?? '-'}; Argo CD: ${operation?.message ?? '-'}`,
      );
    },
    { what: `${world.name}: ${what}`, timeoutSeconds, everyMilliseconds: LOOK_MILLISECONDS },
  );
}

/** Until the newest commit is synced and everything is healthy. */
export async function waitForSynced(world: World, timeoutSeconds: number): Promise<ApplicationStatus> {
  return waitFor(
    async () => {
      const status = await applicationStatus(world.name);
      const done = status.sync === 'Synced' && status.health === 'Healthy' && status.operation?.phase === 'Succeeded';
      if (done && status.revision === (await headOf(world.repository))) return status;
      throw new Error(`${status.sync} ${status.health} ${status.operation?.phase}: ${status.operation?.message}`);
    },
    { what: `${world.name}: Synced and Healthy`, timeoutSeconds, everyMilliseconds: LOOK_MILLISECONDS },
  );
}
