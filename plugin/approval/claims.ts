import { z } from 'zod';

/** The type in a token's protected header: a token of another kind that the same key has signed is none of ours. */
export const TOKEN_TYPE = 'lifecycle-approval+jwt';

/** EdDSA on Ed25519 and nothing else, whatever a token says of itself. */
export const ALGORITHM = 'EdDSA';

/** Who approves, as people and source hosts name them: `alice`, `alice@example.com`, `@org/team`. */
export const approver = z
  .string()
  .max(253)
  .regex(/^[\w@][\w@.+/-]*$/, 'a name of letters, digits, "@", "_", ".", "+", "/" and "-"');

/** A cluster, by the name that its Argo CD has for it. */
export const clusterName = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]*$/, 'a name of letters, digits, ".", "_", ":", "/" and "-"');

/** A pull request, as people name it: `owner/name#12`, `group/sub/name#12`. */
const pullRequestName = z
  .string()
  .max(512)
  .regex(/^[\w.-]+(?:\/[\w.-]+)+#[1-9]\d{0,9}$/, 'a pull request: owner/name#12');

const SUBJECT = /^([a-z0-9-]{1,63})\/([a-z0-9-]{1,63})$/;

/** As many as one token names. */
export const MAX_APPROVERS = 32;

/** What a token says. Times are seconds since 1970, as in every JWT. */
export const claimsSchema = z.object({
  /** The cluster. */
  aud: clusterName,
  /** `<namespace>/<lifecycle>`. */
  sub: z.string().regex(SUBJECT),
  /** What is approved: SHA-256 over the request, 64 hexadecimal characters. */
  request: z.string().regex(/^[0-9a-f]{64}$/),
  approvers: z.array(approver).min(1).max(MAX_APPROVERS),
  /** Whose reviews these are; absent where a person signed by hand. */
  pullRequest: pullRequestName.optional(),
  iat: z.int(),
  exp: z.int(),
});

export type Claims = z.output<typeof claimsSchema>;

/** What is asked for, which an approval is compared with. */
export interface Subject {
  readonly cluster: string;
  readonly namespace: string;
  readonly lifecycle: string;
  readonly request: string;
}

/** @returns namespace and name of the Lifecycle. */
export function lifecycleOf({ sub }: Claims): readonly [namespace: string, lifecycle: string] {
  const [, namespace = '', lifecycle = ''] = SUBJECT.exec(sub) ?? [];
  return [namespace, lifecycle];
}
