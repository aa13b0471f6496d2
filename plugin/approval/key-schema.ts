import { z } from 'zod';
import { ALGORITHM } from './claims.ts';

const BASE64URL = /^[A-Za-z0-9_-]{43}$/;

/** A public key of Ed25519, as a JSON Web Key; `kid` is its thumbprint (RFC 7638). Strict: a private part has no place in it. */
export const publicKeySchema = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().regex(BASE64URL),
  kid: z.string().min(1).max(128),
  alg: z.literal(ALGORITHM),
  use: z.literal('sig'),
});
export type PublicKey = z.output<typeof publicKeySchema>;

export const privateKeySchema = publicKeySchema.extend({ d: z.string().regex(BASE64URL) });
export type PrivateKey = z.output<typeof privateKeySchema>;

/** A JSON Web Key Set: every key that is trusted, retired ones too, because what they approved stays approved. */
export const keySetSchema = z.object({ keys: z.array(publicKeySchema) });
