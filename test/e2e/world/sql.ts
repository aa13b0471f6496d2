import { kubectl, listObjects } from '../../lab/kubectl.ts';
import { DATABASE } from './sample.ts';

interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string };
}

/** The pod of a PostgresCluster that takes writes. */
export async function primaryPod(namespace: string, cluster: string): Promise<string> {
  const group = 'postgres-operator.crunchydata.com';
  const [pod] = await listObjects<Pod>('pods', namespace, `${group}/cluster=${cluster},${group}/role=master`);
  if (!pod) throw new Error(`${cluster} has no primary`);
  return pod.metadata.name;
}

/** Runs SQL as superuser inside the primary's pod, from outside of everything that is tested; rows as text. */
export async function sql(namespace: string, cluster: string, statement: string, database = DATABASE): Promise<string> {
  const pod = await primaryPod(namespace, cluster);
  const psql = ['psql', '-X', '-U', 'postgres', '-d', database, '-v', 'ON_ERROR_STOP=1', '-Atc', statement];
  return kubectl(['exec', '-n', namespace, pod, '-c', 'database', '--', ...psql]);
}
