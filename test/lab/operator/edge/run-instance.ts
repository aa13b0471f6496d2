import type { V1Pod } from '@kubernetes/client-node';
import { ANNOTATIONS, LABELS } from '../objects/labels.ts';
import type { Leader } from '../objects/services.ts';
import { leaderRecord } from '../objects/services.ts';
import type { ExecResult } from './exec.ts';
import { execInPod } from './exec.ts';
import { databaseContainer } from './observe-instances.ts';
import type { Pass } from './pass.ts';
import { applyOwned } from './scope.ts';

const SOON_MILLISECONDS = 300;

const podOf = (pass: Pass, instance: string): V1Pod | undefined =>
  pass.pods.find(({ metadata }) => metadata?.labels?.[LABELS.instance] === instance);

function script(pass: Pass, pod: V1Pod, ...command: readonly string[]): Promise<ExecResult> {
  const { namespace } = pass.cluster.metadata;
  const name = pod.metadata?.name ?? '';
  return execInPod(pass.api.config, { namespace, pod: name, container: 'database', command });
}

async function mark(pass: Pass, pod: V1Pod, metadata: Record<string, unknown>): Promise<void> {
  // The UID makes the patch fail on a pod that took the name meanwhile.
  const { namespace } = pass.cluster.metadata;
  await pass.api.merge('Pod', namespace, pod.metadata?.name ?? '', { ...metadata, uid: pod.metadata?.uid });
}

/** Records the leader and, once it takes writes, where it is. */
export async function lead(pass: Pass, instance: string, address?: string): Promise<void> {
  const { leader, ...known } = pass.observed.leadership;
  const { systemIdentifier } = known;
  await record(pass, {
    leader: instance,
    systemIdentifier,
    address: address ?? (leader === instance ? known.address : undefined),
  });
}

async function record(pass: Pass, leader: Leader): Promise<void> {
  await applyOwned(pass, leaderRecord(pass.cluster, leader));
  pass.lookAgain(0);
}

/** Orders a pod to run as primary or as replica. It has the role's label from the moment it has the role. */
export async function start(pass: Pass, instance: string, role: 'master' | 'replica'): Promise<void> {
  const pod = podOf(pass, instance);
  if (pod === undefined) return;
  const started = await script(pass, pod, '/scripts/start.sh', role === 'master' ? 'primary' : 'replica');
  pass.lookAgain(SOON_MILLISECONDS);
  if (!started.succeeded) return;
  const [systemIdentifier, configuration] = started.output.trim().split('\n');
  const annotations = { [ANNOTATIONS.started]: databaseContainer(pod), [ANNOTATIONS.configuration]: configuration };
  await mark(pass, pod, { labels: { [LABELS.role]: role }, annotations });
  if (role === 'master') await record(pass, { leader: instance, address: pod.status?.podIP, systemIdentifier });
}

/** The old leader is gone: this replica takes over. */
export async function promote(pass: Pass, instance: string): Promise<void> {
  const pod = podOf(pass, instance);
  if (pod === undefined) return;
  const promoted = await script(pass, pod, '/scripts/promote.sh');
  pass.lookAgain(SOON_MILLISECONDS);
  if (!promoted.succeeded) return;
  await mark(pass, pod, { labels: { [LABELS.role]: 'master' } });
  await record(pass, { leader: instance, address: pod.status?.podIP, systemIdentifier: promoted.output.trim() });
}

/** Has the pod load the configuration that the spec asks for. */
export async function configure(pass: Pass, instance: string): Promise<void> {
  const pod = podOf(pass, instance);
  if (pod === undefined) return;
  const revision = pass.observed.configuration;
  // A change of the pod has kubelet refresh the mounted files at once rather than in a minute.
  await mark(pass, pod, { annotations: { [`${ANNOTATIONS.configuration}-wanted`]: revision } });
  const configured = await script(pass, pod, '/scripts/configure.sh', revision);
  pass.lookAgain(SOON_MILLISECONDS);
  if (configured.succeeded) await mark(pass, pod, { annotations: { [ANNOTATIONS.configuration]: revision } });
}
