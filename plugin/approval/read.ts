import { compactVerify, errors } from 'jose';
import { LifecycleError } from '../errors/errors.ts';
import { ALGORITHM, TOKEN_TYPE, claimsSchema, type Claims } from './claims.ts';
import type { PublicKey } from './key-schema.ts';

/** Far above any token of ours; what is longer is not even looked at. */
const MAX_LENGTH = 8192;

/**
 * The content of a token that one of the keys has signed. Of the clock it knows nothing: whether it has expired is asked where the request
 * begins.
 * @throws LifecycleError approval-malformed, approval-key-unknown, approval-tampered
 */
export async function readApproval(
  token: string,
  keys: readonly PublicKey[],
): Promise<{ readonly claims: Claims; readonly key: PublicKey }> {
  if (token.length > MAX_LENGTH) throw new LifecycleError('approval-malformed', 'it is too long');
  let signer: PublicKey | undefined;
  try {
    const { payload, protectedHeader } = await compactVerify(
      token,
      ({ kid }) => {
        signer = keys.find((key) => key.kid === kid);
        if (signer) return signer;
        throw new LifecycleError('approval-key-unknown', `it names ${nameOf(kid)}`);
      },
      { algorithms: [ALGORITHM] },
    );
    const claims = claimsSchema.safeParse(JSON.parse(new TextDecoder().decode(payload)));
    if (protectedHeader.typ !== TOKEN_TYPE || !claims.success || !signer)
      throw new LifecycleError('approval-malformed', 'it is signed, but no approval');
    return { claims: claims.data, key: signer };
  } catch (error) {
    throw asRefusal(error);
  }
}

/** A header is whatever somebody has sent: of it nothing is quoted but what a key's name can be. */
const nameOf = (kid: unknown): string =>
  typeof kid === 'string' && /^[\w.-]{1,64}$/.test(kid) ? `key ${kid}` : 'no key';

function asRefusal(error: unknown): LifecycleError {
  if (error instanceof LifecycleError) return error;
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return new LifecycleError('approval-tampered', 'its signature is wrong');
  return new LifecycleError('approval-malformed', 'it is no token that can be read');
}
