import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import type { z } from 'zod';
import { ALGORITHM } from './claims.ts';
import { keySetSchema, privateKeySchema, type PrivateKey, type PublicKey } from './key-schema.ts';

export async function newKey(): Promise<PrivateKey> {
  const pair = await generateKeyPair(ALGORITHM, { extractable: true });
  const jwk = await exportJWK(pair.privateKey);
  return privateKeySchema.parse({ ...jwk, kid: await calculateJwkThumbprint(jwk), alg: ALGORITHM, use: 'sig' });
}

export const publicPart = ({ kty, crv, x, kid, alg, use }: PrivateKey): PublicKey => ({ kty, crv, x, kid, alg, use });

/** @returns undefined where the text is none; it is never quoted, because it may be a secret. */
export const parsePrivateKey = (text: string): PrivateKey | undefined => parsed(privateKeySchema, text);

/** @returns undefined where the text is no set of public keys, or holds a private one. */
export const parsePublicKeys = (text: string): readonly PublicKey[] | undefined => parsed(keySetSchema, text)?.keys;

function parsed<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
