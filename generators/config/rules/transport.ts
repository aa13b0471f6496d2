import type { Path } from '../../../plugin/lifecycle/finding.ts';
import type { Draft } from '../draft.ts';
import type { Finding } from '../finding.ts';
import type { RepositoryConfig } from '../schema.ts';

/** What goes over the network in the clear, and credentials that do not fit the way. */
export function checkTransport({ repositories }: Draft): readonly Finding[] {
  return repositories.flatMap(({ index, value }) => {
    const at: Path = ['repositories', index];
    return [...plain(value, at), ...credentials(value, at), ...api(value, at)];
  });
}

function plain({ url, allowHttp }: RepositoryConfig, at: Path): readonly Finding[] {
  if (!isPlain(url) || allowHttp) return [];
  const detail = 'over http anybody on the way can change what is read';
  return [{ path: [...at, 'url'], detail, remedy: 'use https or ssh, or set allowHttp on a network of your own' }];
}

function credentials({ url, credentials: given }: RepositoryConfig, at: Path): readonly Finding[] {
  const path = [...at, 'credentials'];
  const overHttp = /^https?:/.test(url);
  const inUrl: readonly Finding[] = /^ssh:\/\/[^@/]*:[^@/]*@/.test(url)
    ? [{ path: [...at, 'url'], detail: 'it holds a password', remedy: 'take it out, and change it' }]
    : [];
  if (!given)
    return overHttp
      ? inUrl
      : [
          ...inUrl,
          {
            path: [...at, 'url'],
            detail: 'ssh needs credentials',
            remedy: 'add credentials with sshKey and knownHosts',
          },
        ];
  if ('sshKey' in given === overHttp) {
    const remedy = overHttp ? 'give username and password' : 'give sshKey and knownHosts';
    return [...inUrl, { path, detail: `these are none for ${overHttp ? 'http' : 'ssh'}`, remedy }];
  }
  return isPlain(url) ? [...inUrl, inTheClear(path, 'the password')] : inUrl;
}

function api({ scm }: RepositoryConfig, at: Path): readonly Finding[] {
  return scm && isPlain(scm.api) ? [inTheClear([...at, 'scm', 'api'], 'the token')] : [];
}

const inTheClear = (path: Path, what: string): Finding => ({
  path,
  detail: `${what} would go over http, where everybody on the way reads it`,
  remedy: 'use https; http is for this machine itself (127.0.0.1, localhost)',
});

/** Nothing listens on the way to this machine itself. */
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

function isPlain(address: string): boolean {
  return address.startsWith('http:') && !LOOPBACK.has(URL.parse(address)?.hostname ?? '');
}
