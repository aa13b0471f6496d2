import { at, list, podSpec, same, type Fields } from './look.ts';
import { MIGRATE } from './migration-pod.ts';
import type { Check } from './part.ts';

/** A migration runs once: between guard and record, through the launcher (ADR 4), and nothing keeps its pod from ending. */
export const runsOnce: Check = (object, { template, data }) => {
  if (template !== 'migrate') return undefined;
  const [guard, migrate] = list(at(podSpec(object), 'initContainers')).slice(-2);
  const containers = list(at(podSpec(object), 'containers'));
  const wanted: readonly (readonly [Fields | undefined, string, unknown, unknown])[] = [
    [guard, 'guard', data['image'], ['lifecycle-step', 'migrate-guard']],
    [migrate, MIGRATE, undefined, data['migrateCommand']],
    [containers[0], 'record', data['image'], ['lifecycle-step', 'migrate-record']],
  ];
  const wrong = wanted.find(
    ([container, name, image, command]) =>
      container?.['name'] !== name ||
      (image !== undefined && container['image'] !== image) ||
      !same(container['command'], command),
  );
  if (wrong) return `the container ${wrong[1]} is not where or what it has to be`;
  return containers.length === 1 ? undefined : 'a container beside record would keep the Job from ending';
};

/** Token and Secrets of ours are for guard and record: no other container sees them, or their processes. */
export const keepsToken: Check = (object, { template, data }) => {
  if (template !== 'migrate') return undefined;
  const pod = podSpec(object);
  const own = (['serviceAccountName', 'automountServiceAccountToken', 'shareProcessNamespace', 'hostPID'] as const).map(
    (name) => at(pod, name),
  );
  if (!same(own, [data['serviceAccount'], false, undefined, undefined]))
    return "ServiceAccount or process namespace are not the plan's";
  const secret = list(at(pod, 'volumes')).filter(projectsToken).concat(list(data['volumes']));
  const others = ['initContainers', 'containers']
    .flatMap((field) => list(at(pod, field)))
    .filter(({ name }) => name !== 'guard' && name !== 'record');
  const sees = ({ volumeMounts }: Fields): boolean =>
    list(volumeMounts).some((mount) => secret.some(({ name }) => name === mount['name']));
  const seeing = others.find(sees);
  return seeing && `the container ${String(seeing['name'])} sees the plan's own token or Secrets`;
};

const projectsToken = (volume: Fields): boolean =>
  list(at(volume, 'projected', 'sources')).some((source) => 'serviceAccountToken' in source);
