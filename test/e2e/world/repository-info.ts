import { kubectl } from '../../lab/kubectl.ts';
import { primaryPod } from './sql.ts';
import type { World } from './world.ts';

export interface Backup {
  readonly label: string;
  readonly type: 'full' | 'diff' | 'incr';
  /** In seconds since the epoch. */
  readonly timestamp: { readonly start: number; readonly stop: number };
  /** Bytes that this backup added to the repository. */
  readonly info: { readonly repository: { readonly delta: number } };
}

export interface RepositoryInfo {
  readonly cipher: string;
  /** The oldest and the newest segment. */
  readonly archive: readonly { readonly min: string; readonly max: string }[];
  /** Oldest first. */
  readonly backup: readonly Backup[];
}

/** What pgBackRest says of a repository, asked in the database's container. */
export async function repositoryInfo({ name }: World, cluster: string, repository: string): Promise<RepositoryInfo> {
  const pod = await primaryPod(name, cluster);
  const info = ['pgbackrest', 'info', `--repo=${repository.replace('repo', '')}`, '--output=json'];
  const text = await kubectl(['exec', '-n', name, pod, '-c', 'database', '--', ...info]);
  const [stanza] = JSON.parse(text) as readonly RepositoryInfo[];
  if (!stanza) throw new Error(`${repository} of ${cluster} has no stanza`);
  return stanza;
}
