import { expect } from '@jest/globals';
import { ANNOTATION } from '../../../plugin/plan/labels.ts';
import { kubectl } from '../../lab/kubectl.ts';
import { waitFor } from '../../lab/wait-for.ts';
import { BROKEN, NAMESPACE, PGO, type Meta } from './objects.ts';

/** Requests to the API server, as cluster-admin where nobody else is named, and what is expected of them. */
export const inNamespace = ['-n', NAMESPACE];
const BREAK_GLASS = `${ANNOTATION.breakGlass}=${BROKEN}`;

/** kubectl's argument to ask as a ServiceAccount of the namespace. */
export const asAccount = (name: string): string => `--as=system:serviceaccount:${NAMESPACE}:${name}`;

export const patch = (kind: string, name: string, change: unknown, ...more: string[]): Promise<string> =>
  kubectl(['patch', kind, name, ...inNamespace, '--type=merge', '-p', JSON.stringify(change), ...more]);

/** A merge patch would add to the selector that is there. */
export const select = (selector: Meta): Promise<string> => {
  const change = [{ op: 'replace', path: '/spec/selector', value: selector }];
  return kubectl(['patch', 'service', 'bestie', ...inNamespace, '--type=json', '-p', JSON.stringify(change)]);
};

/** Only the steps of a Lifecycle may. */
export const setStatus = (status: unknown, name = 'bestie'): Promise<string> =>
  patch('lifecycle', name, { status }, '--subresource=status', asAccount(`${name}-commit`));

/** The status of a restore, by default of a clone's, as the operator writes it. */
export const restoreStatus = (name: string, finished: boolean, id = `~pgo-bootstrap-${name}`): Promise<string> => {
  const restore = { id, finished, ...(finished ? { succeeded: 1 } : { active: 1, succeeded: 0 }) };
  return patch('postgrescluster', name, { status: { pgbackrest: { restore } } }, '--subresource=status');
};

export const remove = (kind: string, name: string): Promise<string> =>
  kubectl(['delete', kind, name, ...inNamespace, '--wait=false']);

/** What the API server said against it; empty when it let the request pass. */
const refusal = (request: Promise<unknown>): Promise<string> =>
  request.then(
    () => '',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

/** Policies see a Lifecycle through an informer: what a change of it allows is allowed a moment later. */
export const expectAllowed = (what: string, request: () => Promise<unknown>): Promise<unknown> =>
  waitFor(async () => (await request(), true), { what, timeoutSeconds: 10 });

/** The same for what a change of it forbids; `request` must do no harm when it still passes. */
export const expectRefusedSoon = (what: string, request: () => Promise<unknown>, reason: string): Promise<unknown> =>
  waitFor(async () => (await refusal(request())).includes(reason), { what, timeoutSeconds: 10 });

export async function expectRefused(request: Promise<unknown>, reason: string): Promise<void> {
  expect(await refusal(request)).toContain(reason);
}

/** Breaks the glass of what is guarded, then deletes the namespace: docs/how-to/install.md, "Delete a namespace". */
export async function deleteNamespace(): Promise<void> {
  for (const kind of [`postgresclusters.${PGO}`, 'lifecycles.lifecycle.bestie.com', 'services']) {
    await kubectl(['annotate', kind, '--all', ...inNamespace, '--overwrite', BREAK_GLASS]);
  }
  await kubectl(['delete', 'namespace', NAMESPACE, '--timeout=120s']);
}
