/** No source host tells logins and teams apart by their case. */
export const sameLogin = (login: string): string => login.toLowerCase();

/** `1234+alice@users.noreply.github.com`, `1234-alice@users.noreply.gitlab.com`, `alice@noreply.gitea.example.com`. */
const NO_REPLY = /^(?:\d+[+-])?([\w.-]+?)@(?:users\.)?noreply\.[\w.-]+$/i;

/** @returns the login in an address that a source host gives to whoever hides his own. */
export const loginOfNoReply = (email: string): string | undefined => NO_REPLY.exec(email)?.[1];
