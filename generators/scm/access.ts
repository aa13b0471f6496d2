/** How a source host is reached. */
export interface ScmAccess {
  /** As the configuration names it, without a slash at its end: `https://api.github.com`. */
  readonly api: string;
  /** `owner/name`, with groups at GitLab. */
  readonly project: string;
  /** Read at every call, so that it can be exchanged. */
  readonly token: () => string;
  /** `users.noreply.github.com` */
  readonly noReplyDomain: string;
  /** Ends by itself, and at no other address. */
  readonly fetch: typeof fetch;
}
