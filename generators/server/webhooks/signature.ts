import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { ScmConfig } from '../../config/schema.ts';
import { sameSecret } from '../same-secret.ts';

export type ScmKind = ScmConfig['kind'];

/** How a source host proves that a delivery is its own: what it says in a header, and what it would say with a secret. */
interface Scheme {
  /** @returns undefined where there is none of the right form, so that no body is read for it. */
  readonly given: (headers: IncomingHttpHeaders) => string | undefined;
  readonly expected: (secret: string, body: Buffer) => string;
}

const hmac = (secret: string, body: Buffer): string => createHmac('sha256', secret).update(body).digest('hex');

const SCHEMES: Readonly<Record<ScmKind, Scheme>> = {
  github: {
    given: (headers) => matched(headers['x-hub-signature-256'], /^sha256=[0-9a-f]{64}$/),
    expected: (secret, body) => `sha256=${hmac(secret, body)}`,
  },
  // GitLab signs nothing: it sends the secret itself.
  gitlab: { given: (headers) => matched(headers['x-gitlab-token'], /^.{1,512}$/), expected: (secret) => secret },
  gitea: { given: (headers) => matched(headers['x-gitea-signature'], /^[0-9a-f]{64}$/), expected: hmac },
};

export const givenProof = (kind: ScmKind, headers: IncomingHttpHeaders): string | undefined =>
  SCHEMES[kind].given(headers);

/** @returns whether the delivery was made by whoever knows the secret; in constant time. */
export const proves = (kind: ScmKind, given: string, secret: string, body: Buffer): boolean =>
  sameSecret(given, SCHEMES[kind].expected(secret, body));

const matched = (value: string | readonly string[] | undefined, form: RegExp): string | undefined =>
  typeof value === 'string' && form.test(value) ? value : undefined;
