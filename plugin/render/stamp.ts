import { LABEL } from '../plan/labels.ts';
import type { Plan } from '../plan/plan.ts';
import type { KubernetesObject } from './kubernetes-object.ts';
import type { Part } from './part.ts';

const ARGO = 'argocd.argoproj.io';

/** Server-side apply keeps CRD objects whole and leaves fields of other owners alone. */
const APPLY = 'ServerSideApply=true';

/**
 * Argo CD prunes no hooks, and every plan's have names of their own. What confirm found is in the status; why an attempt
 * was aborted may be worth a look at the log.
 */
const HOOK_DELETE_POLICY = {
  PostSync: 'BeforeHookCreation,HookSucceeded',
  SyncFail: 'BeforeHookCreation',
} as const;

/**
 * What Argo CD may do with an object (I7). A database, the Lifecycle and the rights of what ends a
 * window are never pruned or deleted by it; what serves or
 * must outlive a failed plan is pruned only after every wave succeeded (Argo CD prunes even in a sync that then fails).
 */
function syncOptions({ template, labels = {}, replaced, kept = false }: Part): readonly string[] {
  // Argo CD refuses Force together with server-side apply.
  if (replaced === true) return ['Force=true', 'Replace=true', 'PruneLast=true'];
  if (kept || template === 'lifecycle' || (template === 'postgrescluster' && !isPassing(labels)))
    return [APPLY, 'Prune=false', 'Delete=false'];
  return [APPLY, 'PruneLast=true'];
}

/** Databases that go with the file that asks for them. */
export const isPassing = (labels: Readonly<Record<string, string>>): boolean =>
  ['rehearsal', 'restored'].includes(labels[LABEL.role] ?? '');

function hook({ wave, everySync, leftAlone }: Part['step']): Record<string, string> {
  // It is in no sync; and as it is rendered it is not pruned.
  if (leftAlone === true) return { [`${ARGO}/hook`]: 'Skip' };
  if (everySync === true)
    return {
      [`${ARGO}/hook`]: 'Sync',
      [`${ARGO}/sync-wave`]: String(wave),
      [`${ARGO}/hook-delete-policy`]: HOOK_DELETE_POLICY.PostSync,
    };
  if (typeof wave === 'number') return { [`${ARGO}/sync-wave`]: String(wave) };
  return { [`${ARGO}/hook`]: wave, [`${ARGO}/hook-delete-policy`]: HOOK_DELETE_POLICY[wave] };
}

/**
 * Adds what the plan, not a template, decides: labels, wave or hook, and what Argo CD may do with the object.
 * @throws Error when the object brings annotations for Argo CD of its own: `hook: Skip` alone would undo a wave
 */
export function stamp(object: KubernetesObject, part: Part, plan: Plan): KubernetesObject {
  const { metadata } = object;
  const foreign = Object.keys(metadata.annotations ?? {}).find((key) => key.startsWith(`${ARGO}/`));
  if (foreign !== undefined) throw new Error(`sets the annotation ${foreign}; the plan sets Argo CD's annotations`);
  const isHook = typeof part.step.wave !== 'number' || part.step.everySync === true;
  const options = syncOptions(part);
  const annotations = {
    ...metadata.annotations,
    ...hook(part.step),
    ...(isHook ? {} : { [`${ARGO}/sync-options`]: options.join(',') }),
    // A kept object that is no longer rendered must not make the Application OutOfSync for ever.
    ...(options.includes('Prune=false') ? { [`${ARGO}/compare-options`]: 'IgnoreExtraneous' } : {}),
  };
  const labels = { ...metadata.labels, [LABEL.lifecycle]: plan.lifecycle.metadata.name, ...part.labels };
  return { ...object, metadata: { ...metadata, labels, annotations } };
}
