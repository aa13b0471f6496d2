import { randomInt } from 'node:crypto';
import type { Cluster, UserSpec } from '../core/cluster.ts';
import { scramVerifier } from '../edge/scram.ts';
import type { Manifest } from '../edge/kinds.ts';
import { LABELS } from './labels.ts';
import { primaryHost, userSecret } from './names.ts';

/** The operator's passwords are of any printable characters; what reads them must cope. */
const CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&()*+,-./:;<=>?@[]^_{|}~';
const LENGTH = 24;

export function newPassword(): string {
  return Array.from({ length: LENGTH }, () => CHARACTERS[randomInt(CHARACTERS.length)]).join('');
}

export interface Credentials {
  readonly password: string;
  readonly verifier: string;
}

export function newCredentials(): Credentials {
  const password = newPassword();
  return { password, verifier: scramVerifier(password) };
}

/** The Secret that an application mounts; what names a database is only there for a user that has one. */
export function pguserSecret(cluster: Cluster, user: UserSpec, { password, verifier }: Credentials): Manifest {
  const host = primaryHost(cluster);
  const [dbname] = user.name === 'postgres' ? [] : (user.databases ?? []);
  const login = `${encodeURIComponent(user.name)}:${encodeURIComponent(password)}`;
  const query = `password=${encodeURIComponent(password)}&user=${encodeURIComponent(user.name)}`;
  const values = {
    host,
    port: '5432',
    user: user.name,
    password,
    verifier,
    uri: `postgresql://${login}@${host}:5432${dbname === undefined ? '' : `/${dbname}`}`,
    ...(dbname === undefined ? {} : { dbname, 'jdbc-uri': `jdbc:postgresql://${host}:5432/${dbname}?${query}` }),
  };
  return {
    kind: 'Secret',
    metadata: {
      name: userSecret(cluster.metadata.name, user.name),
      labels: { [LABELS.role]: 'pguser', [LABELS.pguser]: user.name },
    },
    data: Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    ),
  };
}
