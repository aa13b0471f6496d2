/** No source host tells logins and teams apart by their case. */
export const sameLogin = (login: string): string => login.toLowerCase();

/** `1234+alice@users.noreply.github.com`, `1234-alice@users.noreply.gitlab.com`, `alice@noreply.gitea.example.com`. */
const NO_REPLY = /^(?:\d+[+-])?([\w.-]+?)@([\w.-]+)$/;

/**
 * @param domain of the addresses that this source host gives: whoever has another domain can make every name there
 * @returns the login in an address that it gives to whoever hides his own
 */
export function loginOfNoReply(email: string, domain: string): string | undefined {
  const [, login, at] = NO_REPLY.exec(email) ?? [];
  return at?.toLowerCase() === domain.toLowerCase() ? login : undefined;
}
