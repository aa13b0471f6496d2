import { ANNOTATION } from '../../../plugin/plan/labels.ts';
import { kubectl } from '../../lab/kubectl.ts';

/** Deletes a namespace with everything in it, as docs/how-to/install.md says; resolves when it is gone. */
export async function deleteNamespace(name: string): Promise<void> {
  const broken = `${ANNOTATION.breakGlass}=2126-01-31T18:00:00Z a test`;
  await kubectl(['annotate', 'lifecycles,postgresclusters,services', '-n', name, '--all', '--overwrite', broken]);
  await kubectl(['delete', 'namespace', name, '--timeout=180s']);
}

export interface SavedLifecycle {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: object;
  readonly status: object;
}

/**
 * A Lifecycle as it was saved, without its status: what a person applies first in a namespace that was made again. In Argo CD's name, so
 * that its next sync takes off what the file has no more: a restore with the target of the one before besides its own is refused.
 */
export async function applySaved(
  { apiVersion, kind, metadata: { name, labels, annotations }, spec }: SavedLifecycle,
  namespace: string,
): Promise<void> {
  const object = { apiVersion, kind, metadata: { name, namespace, labels, annotations }, spec };
  const manager = '--field-manager=argocd-controller';
  await kubectl(['apply', '--server-side', manager, '-f', '-'], JSON.stringify(object));
}

/** Its status, through the subresource, as it is: a merge patch would leave out what is null. */
export async function putStatusBack({ metadata: { name }, status }: SavedLifecycle, namespace: string): Promise<void> {
  const patch = JSON.stringify([{ op: 'add', path: '/status', value: status }]);
  await kubectl([
    'patch',
    'lifecycle',
    name,
    '-n',
    namespace,
    '--subresource',
    'status',
    '--type',
    'json',
    '-p',
    patch,
  ]);
}

export async function breakGlass(lifecycle: string, namespace: string): Promise<void> {
  const broken = `${ANNOTATION.breakGlass}=2126-01-31T18:00:00Z a test`;
  await kubectl(['annotate', 'lifecycle', lifecycle, '-n', namespace, broken]);
}

export async function mendGlass(lifecycle: string, namespace: string): Promise<void> {
  await kubectl(['annotate', 'lifecycle', lifecycle, '-n', namespace, `${ANNOTATION.breakGlass}-`]);
}
