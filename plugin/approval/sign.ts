import { SignJWT } from 'jose';
import { ALGORITHM, TOKEN_TYPE, claimsSchema, type Claims } from './claims.ts';
import type { PrivateKey } from './key-schema.ts';

/** @returns the approval as a compact JWS: no secret, but whoever has it can let exactly this request go on. */
export function signApproval(claims: Claims, key: PrivateKey): Promise<string> {
  return new SignJWT(claimsSchema.parse(claims))
    .setProtectedHeader({ alg: ALGORITHM, typ: TOKEN_TYPE, kid: key.kid })
    .sign(key);
}
