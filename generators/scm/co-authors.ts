const TRAILER = /^[ \t]*co-authored-by:[ \t]*([^<\r\n]*)<([^<>\r\n]+)>[ \t]*$/gim;

/** Whom a commit's message names as its authors besides, wherever in it. */
export function coAuthorsIn(message: string): readonly { readonly name: string; readonly email: string }[] {
  return [...message.matchAll(TRAILER)].map(([, name = '', email = '']) => ({
    name: name.trim(),
    email: email.trim().toLowerCase(),
  }));
}
