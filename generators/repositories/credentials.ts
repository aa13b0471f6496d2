import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RepositoryConfig, SecretSource } from '../config/schema.ts';
import type { Environment } from './environment.ts';

/** @returns the secret as it is now; @throws where it cannot be read. */
export type ReadSecret = (source: SecretSource) => Promise<string> | string;

/** What one fetch authenticates with; read for each, so that a Secret can change without a restart. */
export interface Access {
  readonly environment: Environment;
  readonly remove: () => Promise<void>;
}

const NONE: Access = { environment: {}, remove: () => Promise.resolve() };

/** @param folder the mirror: what ssh reads is put into it, under fixed names, because GIT_SSH_COMMAND is a shell's line. */
export async function accessOf(
  { url, credentials }: Pick<RepositoryConfig, 'url' | 'credentials'>,
  folder: string,
  readSecret: ReadSecret,
): Promise<Access> {
  if (!credentials) return NONE;
  if ('username' in credentials) return basic(url, credentials.username, await readSecret(credentials.password));
  return await ssh(folder, await readSecret(credentials.sshKey), await readFile(credentials.knownHosts, 'utf8'));
}

/** By the environment, because arguments and URLs can be seen by others; for the repository's own host only. */
function basic(url: string, username: string, password: string): Access {
  const token = Buffer.from(`${username}:${password}`).toString('base64');
  return {
    environment: configured({
      [`http.${new URL(url).origin}/.extraHeader`]: `Authorization: Basic ${token}`,
    }),
    remove: NONE.remove,
  };
}

/** Settings of git by its environment. */
export function configured(settings: Readonly<Record<string, string>>, before: Environment = {}): Environment {
  const first = Number(before['GIT_CONFIG_COUNT'] ?? 0);
  const entries = Object.entries(settings);
  return {
    ...before,
    GIT_CONFIG_COUNT: String(first + entries.length),
    ...Object.fromEntries(
      entries.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${first + index}`, key],
        [`GIT_CONFIG_VALUE_${first + index}`, value],
      ]),
    ),
  };
}

const SSH = 'ssh';
const SSH_CONFIG = `Host *
  BatchMode yes
  IdentityFile ./${SSH}/key
  IdentitiesOnly yes
  IdentityAgent none
  PreferredAuthentications publickey
  StrictHostKeyChecking yes
  UserKnownHostsFile ./${SSH}/known_hosts
  GlobalKnownHostsFile /dev/null
  UpdateHostKeys no
  ForwardAgent no
  ForwardX11 no
  ClearAllForwardings yes
  PermitLocalCommand no
  ConnectTimeout 15
  ServerAliveInterval 10
  ServerAliveCountMax 3
`;

async function ssh(folder: string, key: string, knownHosts: string): Promise<Access> {
  const at = join(folder, SSH);
  const remove = (): Promise<void> => rm(at, { recursive: true, force: true });
  await remove();
  await mkdir(at, { mode: 0o700 });
  // ssh refuses a key that others may read, as a mounted Secret is; and one without a line's end.
  await writeFile(join(at, 'key'), key.endsWith('\n') ? key : `${key}\n`, { mode: 0o600 });
  await chmod(join(at, 'key'), 0o600);
  await writeFile(join(at, 'known_hosts'), knownHosts);
  await writeFile(join(at, 'config'), SSH_CONFIG);
  return { environment: { GIT_SSH_COMMAND: `ssh -F ./${SSH}/config`, GIT_SSH_VARIANT: 'ssh' }, remove };
}
