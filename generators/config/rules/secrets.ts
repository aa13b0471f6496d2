import { parsePrivateKey } from '../../../plugin/approval/keys.ts';
import type { Path } from '../../../plugin/lifecycle/finding.ts';
import type { Draft } from '../draft.ts';
import type { Finding } from '../finding.ts';
import type { SecretSource } from '../schema.ts';
import type { Secrets } from '../secrets.ts';

/** Every secret is there, the key that signs is one, and what opens one door opens no other. */
export function checkSecrets(draft: Draft, secrets: Secrets): readonly Finding[] {
  const sources = sourcesOf(draft);
  const unreadable = sources.flatMap(({ path, source }) => {
    const problem = secrets.problemOf(source);
    return problem === undefined ? [] : [{ path, detail: problem, remedy: 'mount the Secret, or correct where it is' }];
  });
  return [...unreadable, ...signingKey(draft, secrets), ...pageToken(draft, secrets)];
}

interface Placed {
  readonly path: Path;
  readonly source: SecretSource;
}

function sourcesOf({ token, pageToken: page, repositories, approvals }: Draft): readonly Placed[] {
  const placed = (path: Path, source: SecretSource | undefined): readonly Placed[] =>
    source === undefined ? [] : [{ path, source }];
  return [
    ...placed(['token'], token),
    ...placed(['pageToken'], page),
    ...placed(['approvals', 'key'], approvals?.key),
    ...repositories.flatMap(({ index, value: { credentials, scm } }) => {
      const at: Path = ['repositories', index];
      return [
        ...(credentials && 'password' in credentials
          ? placed([...at, 'credentials', 'password'], credentials.password)
          : []),
        ...(credentials && 'sshKey' in credentials
          ? [
              ...placed([...at, 'credentials', 'sshKey'], credentials.sshKey),
              // No secret, but as needed: without it nobody knows whom the key is shown to.
              ...placed([...at, 'credentials', 'knownHosts'], { file: credentials.knownHosts }),
            ]
          : []),
        ...placed([...at, 'scm', 'token'], scm?.token),
        ...placed([...at, 'scm', 'webhookSecret'], scm?.webhookSecret),
      ];
    }),
  ];
}

function signingKey({ approvals }: Draft, secrets: Secrets): readonly Finding[] {
  const key = approvals?.key;
  if (key === undefined || secrets.problemOf(key) !== undefined) return [];
  if (parsePrivateKey(secrets.read(key)) !== undefined) return [];
  const detail = 'what is there is no private key';
  return [{ path: ['approvals', 'key'], detail, remedy: 'make one with: lifecycle keys' }];
}

/** Whoever may look at the page could act as the controller. */
function pageToken({ token, pageToken: page }: Draft, secrets: Secrets): readonly Finding[] {
  if (!token || !page || [token, page].some((each) => secrets.problemOf(each) !== undefined)) return [];
  if (secrets.read(token) !== secrets.read(page)) return [];
  return [{ path: ['pageToken'], detail: 'it is the same as token', remedy: 'make one of its own' }];
}
