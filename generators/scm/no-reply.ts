import type { Scm } from './port.ts';

/**
 * Where the addresses are that a source host gives to whoever hides his own. Of Gitea it is a setting (`service.NO_REPLY_ADDRESS`): what it is
 * without one.
 * @param api `https://api.github.com`, `https://github.example.com/api/v3`
 */
export function noReplyDomainOf(kind: Scm['kind'], api: string): string {
  const { hostname } = new URL(api);
  if (kind === 'gitea') return `noreply.${hostname}`;
  return `users.noreply.${kind === 'github' ? hostname.replace(/^api\./, '') : hostname}`;
}
