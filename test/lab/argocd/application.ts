import { apply, getObject, kubectl } from '../kubectl.ts';
import { waitFor } from '../wait-for.ts';
import { PLUGIN_VERSION } from './plugin.ts';
import type { Repository } from './repository.ts';

/** Argo CD's Applications, through the Kubernetes API as its own CLI and UI do. */
export const ARGOCD = 'argocd';

export interface ApplicationOptions {
  readonly name: string;
  readonly namespace: string;
  readonly repository: Repository;
  /** Version of the plugin whose sidecar renders it. */
  readonly pluginVersion?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

const AUTOMATED = { prune: true, selfHeal: true };

/** Creates or changes an Application with automated sync, prune and self-heal, as docs/how-to/install.md recommends. */
export async function applyApplication(options: ApplicationOptions): Promise<void> {
  const { name, namespace, repository, pluginVersion = PLUGIN_VERSION, annotations = {} } = options;
  await apply([
    {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name, namespace: ARGOCD, annotations },
      spec: {
        project: 'default',
        source: {
          repoURL: repository.url,
          targetRevision: 'main',
          path: '.',
          plugin: { name: `lifecycle-${pluginVersion}` },
        },
        destination: { server: 'https://kubernetes.default.svc', namespace },
        syncPolicy: {
          automated: AUTOMATED,
          syncOptions: ['ServerSideApply=true'],
          retry: { limit: 0 },
        },
      },
    },
  ]);
}

/** Whether Argo CD syncs by itself: what a person switches off who wants to be first, and on again. */
export async function setAutomated(name: string, automated: boolean): Promise<void> {
  const patch = JSON.stringify({ spec: { syncPolicy: { automated: automated ? AUTOMATED : null } } });
  await kubectl(['patch', 'application.argoproj.io', name, '-n', ARGOCD, '--type', 'merge', '-p', patch]);
}

/** Sets what Argo CD hands to the plugin besides the tree. */
export async function setParameters(name: string, parameters: Readonly<Record<string, string>>): Promise<void> {
  const list = Object.entries(parameters).map(([parameter, string]) => ({ name: parameter, string }));
  const patch = JSON.stringify({ spec: { source: { plugin: { parameters: list } } } });
  await kubectl(['patch', 'application.argoproj.io', name, '-n', ARGOCD, '--type', 'merge', '-p', patch]);
}

interface Application {
  readonly status?: {
    readonly sync?: { readonly status?: string; readonly revision?: string };
    readonly health?: { readonly status?: string };
    readonly conditions?: readonly { readonly type: string; readonly message: string }[];
    readonly resources?: readonly ApplicationResource[];
    readonly operationState?: {
      readonly phase: string;
      readonly message?: string;
      readonly startedAt: string;
      readonly finishedAt?: string;
      readonly syncResult?: { readonly revision?: string; readonly resources?: readonly SyncedResource[] };
    };
  };
}

interface ApplicationResource {
  readonly kind: string;
  readonly name: string;
  readonly status?: string;
  readonly syncWave?: number;
  readonly health?: { readonly status?: string; readonly message?: string };
}

interface SyncedResource {
  readonly kind: string;
  readonly name: string;
  readonly status?: string;
  readonly message?: string;
  readonly hookPhase?: string;
  readonly syncPhase?: string;
}

interface Operation {
  readonly phase: string;
  readonly message: string;
  readonly startedAt: string;
  readonly finishedAt: string | undefined;
  readonly revision: string | undefined;
  readonly resources: readonly SyncedResource[];
}

export interface ApplicationStatus {
  readonly sync: string;
  readonly health: string;
  readonly revision: string | undefined;
  readonly conditions: readonly string[];
  readonly resources: readonly ApplicationResource[];
  readonly operation: Operation | undefined;
}

export async function applicationStatus(name: string): Promise<ApplicationStatus> {
  const { status = {} } = (await getObject<Application>('application.argoproj.io', name, ARGOCD)) ?? {};
  const operation = status.operationState;
  return {
    sync: status.sync?.status ?? 'Unknown',
    health: status.health?.status ?? 'Unknown',
    revision: status.sync?.revision,
    conditions: (status.conditions ?? []).map(({ type, message }) => `${type}: ${message}`),
    resources: status.resources ?? [],
    operation: operation && {
      phase: operation.phase,
      message: operation.message ?? '',
      startedAt: operation.startedAt,
      finishedAt: operation.finishedAt,
      revision: operation.syncResult?.revision,
      resources: operation.syncResult?.resources ?? [],
    },
  };
}

/** Asks for a comparison now, as a webhook (normal) or the button in the UI (hard: without any cache) does. */
export async function refresh(name: string, how: 'normal' | 'hard'): Promise<void> {
  const annotation = `argocd.argoproj.io/refresh=${how}`;
  await kubectl(['annotate', 'application.argoproj.io', name, '-n', ARGOCD, '--overwrite', annotation]);
}

/** What `argocd app sync --resource` names; without a group one of the core. */
export interface SelectedResource {
  readonly group?: string;
  readonly kind: string;
  readonly name: string;
}

/** Starts a sync by hand, as `argocd app sync` does, of everything or of some; resolves when Argo CD has taken it up. */
export async function startSync(name: string, resources?: readonly SelectedResource[]): Promise<void> {
  const sync = { syncOptions: ['ServerSideApply=true'], ...(resources && { resources }) };
  const operation = { initiatedBy: { username: 'test' }, sync };
  const patch = JSON.stringify({ operation });
  const before = (await applicationStatus(name)).operation?.startedAt;
  await kubectl(['patch', 'application.argoproj.io', name, '-n', ARGOCD, '--type', 'merge', '-p', patch]);
  await waitFor(async () => (await applicationStatus(name)).operation?.startedAt !== before, {
    what: `sync of ${name} under way`,
    timeoutSeconds: 30,
  });
}
