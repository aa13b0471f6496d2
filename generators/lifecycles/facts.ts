import type { Lifecycle } from '../../plugin/lifecycle/model.ts';
import { placesOf } from '../../plugin/lifecycle/repository-places.ts';
import { approvalDigest } from '../../plugin/plan/approval-digest.ts';
import { requestOf } from '../../plugin/plan/approved.ts';
import { buildPlan, stepRequest, switchedTo, type Plan } from '../../plugin/plan/plan.ts';
import type { ParameterSet } from '../parameter-set.ts';

/** What of a valid file the parameters are made of; kept by the file's content, so it knows no path. */
export interface Facts extends Pick<ParameterSet, 'name' | 'digest' | 'plan' | 'stage' | 'blue' | 'green' | 'restore'> {
  /** Somebody has to approve it. */
  readonly asks: boolean;
  /** Bucket and path of all its backups in a cloud (I8); those of Azure are left out, where only a Secret names the account. */
  readonly places: readonly string[];
}

const NONE = { name: '', version: '' } as const;
const NO_RESTORE = { id: '', mode: '', request: '' } as const;

export function factsOf(lifecycle: Lifecycle): Facts {
  return factsOfPlan(buildPlan(lifecycle));
}

function factsOfPlan(plan: Plan): Facts {
  const { metadata, spec } = plan.lifecycle;
  const { blue, green, restore } = spec;
  const asks = requestOf(plan) !== undefined;
  const next = switchedTo(plan);
  const places = placesOf(plan.lifecycle).flatMap(({ key }) => (key.startsWith('azure ') ? [] : [key]));
  return {
    name: metadata.name,
    digest: plan.digest,
    plan: plan.kind,
    stage: green?.stage ?? restore?.stage ?? (restore ? 'Restore' : 'AtRest'),
    blue: { name: blue.name, version: blue.version },
    green: next ? { name: next.name, version: next.version } : NONE,
    restore: restore
      ? { id: restore.id, mode: restore.mode, request: asks ? approvalDigest(stepRequest(plan)) : '' }
      : NO_RESTORE,
    asks,
    places,
  };
}
