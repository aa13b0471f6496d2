import type { V1Secret } from '@kubernetes/client-node';
import type { UserSpec } from '../core/cluster.ts';
import { digest } from '../core/names.ts';
import { operatorRoles, usersOf, type OperatorRole } from '../core/users.ts';
import { clusterLabels, LABELS } from '../objects/labels.ts';
import { operatorRoleSecret } from '../objects/operator-roles.ts';
import { newCredentials, pguserSecret } from '../objects/user-secret.ts';
import type { Scope } from './scope.ts';
import { applyOwned } from './scope.ts';
import { secretText } from './secret.ts';

export interface User {
  readonly spec: UserSpec;
  readonly verifier: string;
  /** Set for a role of the operator's own. */
  readonly role?: OperatorRole;
}

/** The users with what their Secrets say; a password, once made, is kept. Secrets of users that left the spec go. */
export async function ensureUsers(scope: Scope): Promise<readonly User[]> {
  const { api, cluster } = scope;
  const { name, namespace } = cluster.metadata;
  const labels = { ...clusterLabels(name), [LABELS.role]: 'pguser' };
  const secrets = await api.list<V1Secret>('Secret', namespace, labels);
  const users: User[] = [];
  for (const spec of usersOf(cluster)) {
    const known = secrets.find(({ metadata }) => metadata?.labels?.[LABELS.pguser] === spec.name);
    const { password = '', verifier = '' } = known === undefined ? {} : secretText(known);
    const credentials = password === '' || verifier === '' ? newCredentials() : { password, verifier };
    const secret = pguserSecret(cluster, spec, credentials);
    if (known === undefined) scope.memory.applied.delete(`Secret/${secret.metadata.name}`);
    await applyOwned(scope, secret);
    users.push({ spec, verifier: credentials.verifier });
  }
  const wanted = new Set(users.map(({ spec }) => spec.name));
  for (const { metadata } of secrets) {
    if (wanted.has(metadata?.labels?.[LABELS.pguser] ?? '')) continue;
    await api.remove('Secret', namespace, metadata?.name ?? '');
  }
  return [...users, ...(await ensureOperatorRoles(scope))];
}

/** Each has a password of its own on every cluster, kept once it is made. */
async function ensureOperatorRoles(scope: Scope): Promise<readonly User[]> {
  const { api, cluster } = scope;
  const roles: User[] = [];
  for (const role of operatorRoles(cluster)) {
    const { metadata } = operatorRoleSecret(cluster, role, { password: '', verifier: '' });
    const known = await api.read<V1Secret>('Secret', cluster.metadata.namespace, metadata.name);
    const { password = '', verifier = '' } = known === undefined ? {} : secretText(known);
    const credentials = verifier === '' ? newCredentials() : { password, verifier };
    await applyOwned(scope, operatorRoleSecret(cluster, role, credentials));
    roles.push({ spec: { name: role }, verifier: credentials.verifier, role });
  }
  return roles;
}

export function usersRevision(users: readonly User[]): string {
  return digest(JSON.stringify(users)).slice(0, 16);
}
