import { authority, LOGIN } from './place.ts';

/** Names of the Secrets of one repository. */
export const SECRETS = { credentials: 's3', cipher: 's3-cipher', ca: 's3-ca' } as const;

const conf = (options: Readonly<Record<string, string>>): string =>
  `[global]\n${Object.entries(options)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')}`;

/** What a user makes in the namespace before its first backup in the lab's S3: login, passphrase and CA. */
export function s3Secrets(namespace: string, repository: string): readonly unknown[] {
  const secret = (name: string, stringData: Readonly<Record<string, string>>): unknown => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    stringData,
  });
  return [
    secret(SECRETS.credentials, {
      's3.conf': conf({ [`${repository}-s3-key`]: LOGIN.key, [`${repository}-s3-key-secret`]: LOGIN.secret }),
    }),
    secret(SECRETS.cipher, { 'cipher.conf': conf({ [`${repository}-cipher-pass`]: 'a passphrase of the lab only' }) }),
    secret(SECRETS.ca, { 'ca.crt': authority() }),
  ];
}
