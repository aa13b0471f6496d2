import type { V1EndpointSlice } from '@kubernetes/client-node';
import type { InstanceFacts, Leadership } from '../core/observed.ts';
import { ANNOTATIONS } from '../objects/labels.ts';
import type { Memory } from './memory.ts';

/** How long a leader that vanished may come back as the leader; Patroni's lease would be 30 s. */
const LEASE_MILLISECONDS = 10_000;

/**
 * The leader's record. Its lease is over when its pod is shutting down and PostgreSQL in it has ended, or when nothing
 * has run there for long: one that still runs is never replaced, or two would take writes.
 */
export function observeLeadership(
  slice: V1EndpointSlice | undefined,
  instances: readonly InstanceFacts[],
  memory: Memory,
): Leadership {
  if (slice === undefined) return { exists: false, released: false };
  const { [ANNOTATIONS.leader]: leader, [ANNOTATIONS.systemIdentifier]: systemIdentifier } =
    slice.metadata?.annotations ?? {};
  const address = slice.endpoints?.[0]?.addresses[0];
  const pod = instances.find(({ name }) => name === leader)?.pod;
  const away = pod?.running !== true;
  memory.leaderAwaySince = away ? (memory.leaderAwaySince ?? Date.now()) : undefined;
  const expired = Date.now() - (memory.leaderAwaySince ?? Date.now()) > LEASE_MILLISECONDS;
  return {
    exists: true,
    released: away && (pod?.terminating === true || expired),
    ...(leader === undefined ? {} : { leader }),
    ...(address === undefined ? {} : { address }),
    ...(systemIdentifier === undefined ? {} : { systemIdentifier }),
  };
}
