import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SignJWT, UnsecuredJWT } from 'jose';
import { LifecycleError } from '../errors/errors.ts';
import { requireFor, requireUnexpired } from './check.ts';
import { ALGORITHM, TOKEN_TYPE, type Claims } from './claims.ts';
import type { PrivateKey, PublicKey } from './key-schema.ts';
import { newKey, parsePrivateKey, parsePublicKeys, publicPart } from './keys.ts';
import { readApproval } from './read.ts';
import { signApproval } from './sign.ts';

const REQUEST = '0123456789abcdef'.repeat(4);
const CLAIMS: Claims = {
  aud: 'prod-eu',
  sub: 'shop/bestie',
  request: REQUEST,
  approvers: ['alice@example.com', '@org/dba'],
  iat: 1_796_000_000,
  exp: 1_796_003_600,
};
const WANTED = { cluster: 'prod-eu', namespace: 'shop', lifecycle: 'bestie', request: REQUEST };

let key: PrivateKey;
let other: PrivateKey;
let trusted: readonly PublicKey[];

beforeAll(async () => {
  [key, other] = [await newKey(), await newKey()];
  trusted = [publicPart(await newKey()), publicPart(key)];
});

const codeOf = async (token: string): Promise<string> => {
  try {
    await readApproval(token, trusted);
    return 'accepted';
  } catch (error) {
    return error instanceof LifecycleError ? error.code : 'not of ours';
  }
};

describe('a token', () => {
  test('is read back as it was signed, with the key that signed it', async () => {
    expect(await readApproval(await signApproval(CLAIMS, key), trusted)).toEqual({
      claims: CLAIMS,
      key: publicPart(key),
    });
  });

  test.each(['shop/deploy#12', 'group/sub/deploy.git#1'])('names the pull request %s', async (pullRequest) => {
    const token = await signApproval({ ...CLAIMS, pullRequest }, key);
    expect((await readApproval(token, trusted)).claims.pullRequest).toBe(pullRequest);
  });

  test.each(['12', 'deploy#12', 'a/b#0', 'a/b#1 ', 'a/b#1\nx', '/b#1', 'a//b#1'])(
    'is not signed for a pull request %j',
    (pullRequest) => {
      expect(() => signApproval({ ...CLAIMS, pullRequest }, key)).toThrow('pullRequest');
    },
  );

  test('says nothing of a private key', async () => {
    const token = await signApproval(CLAIMS, key);
    const decoded = token.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'));
    expect([token, ...decoded].join()).not.toContain(key.d);
  });

  test('that differs in any character is refused', async () => {
    const token = await signApproval(CLAIMS, key);
    const character = fc.stringMatching(/^[\w.-]$/);
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), character, async (at, by) => {
        fc.pre(token[at] !== by);
        const changed = `${token.slice(0, at)}${by}${token.slice(at + 1)}`;
        // The last character of a part has bits that stand for nothing.
        fc.pre(!sameBytes(changed, token));
        expect(['approval-malformed', 'approval-tampered', 'approval-key-unknown']).toContain(await codeOf(changed));
      }),
      { numRuns: 300 },
    );
  });

  test('of a key that is not trusted', async () => {
    expect(await codeOf(await signApproval(CLAIMS, other))).toBe('approval-key-unknown');
  });

  test('of another key that gives itself the name of one that is', async () => {
    expect(await codeOf(await signApproval(CLAIMS, { ...other, kid: key.kid }))).toBe('approval-tampered');
  });

  test('signed with the public key as a shared secret', async () => {
    const header = { alg: 'HS256', typ: TOKEN_TYPE, kid: key.kid };
    const token = await new SignJWT(CLAIMS).setProtectedHeader(header).sign(Buffer.from(key.x, 'base64url'));
    expect(await codeOf(token)).toBe('approval-malformed');
  });

  test.each([
    ['that nobody signed', async () => Promise.resolve(new UnsecuredJWT(CLAIMS).encode())],
    [
      'of another type',
      () => new SignJWT(CLAIMS).setProtectedHeader({ alg: ALGORITHM, kid: key.kid, typ: 'JWT' }).sign(key),
    ],
    [
      'without approvers',
      () =>
        new SignJWT({ ...CLAIMS, approvers: [] })
          .setProtectedHeader({ alg: ALGORITHM, kid: key.kid, typ: TOKEN_TYPE })
          .sign(key),
    ],
    ['that is none', () => Promise.resolve('approved')],
    ['that is empty', () => Promise.resolve('')],
    ['that is huge', () => Promise.resolve('x'.repeat(10_000_000))],
  ])('%s is no approval', async (_, make) => {
    expect(await codeOf(await make())).toBe('approval-malformed');
  });
});

const sameBytes = (a: string, b: string): boolean => {
  const bytes = (token: string): string[] =>
    token.split('.').map((part) => Buffer.from(part, 'base64url').toString('hex'));
  return bytes(a).join('.') === bytes(b).join('.');
};

describe('an approval is for one request', () => {
  test('of this cluster, namespace and Lifecycle', () => {
    expect(() => {
      requireFor(CLAIMS, { ...WANTED, requests: ['f'.repeat(64), WANTED.request] });
    }).not.toThrow();
  });

  test.each([
    ['cluster', 'staging', 'approval-other-cluster'],
    ['namespace', 'shop2', 'approval-other-namespace'],
    ['lifecycle', 'bestie2', 'approval-other-lifecycle'],
    ['request', 'f'.repeat(64), 'approval-other-request'],
  ])('another %s is refused', (field, value, code) => {
    expect(() => {
      const { request, ...wanted } = { ...WANTED, [field]: value };
      requireFor(CLAIMS, { ...wanted, requests: [request] });
    }).toThrow(code);
  });

  test('until it expires, to the second', () => {
    const at = (seconds: number) => () => {
      requireUnexpired(CLAIMS, new Date(seconds * 1000));
    };
    expect(at(CLAIMS.exp - 1)).not.toThrow();
    expect(at(CLAIMS.exp)).toThrow('approval-expired');
  });
});

describe('a signing key is exchanged without a gap', () => {
  test('what either signed counts, while both are trusted', async () => {
    const [old, next] = [key, other];
    const both = [publicPart(old), publicPart(next)];
    for (const signer of [old, next]) {
      expect((await readApproval(await signApproval(CLAIMS, signer), both)).key).toEqual(publicPart(signer));
    }
    const before = await signApproval(CLAIMS, old);
    await expect(readApproval(before, [publicPart(next)])).rejects.toThrow('approval-key-unknown');
  });
});

describe('keys', () => {
  test('are read back as they were written', () => {
    expect(parsePrivateKey(JSON.stringify(key))).toEqual(key);
    expect(parsePublicKeys(JSON.stringify({ keys: trusted }))).toEqual(trusted);
  });

  test('a set that holds a private key is none', () => {
    expect(parsePublicKeys(JSON.stringify({ keys: [key] }))).toBeUndefined();
  });

  test.each(['', '{}', '{"keys":[{}]}', 'null', '{"keys":[{"kty":"RSA"}]}'])('%j is none', (text) => {
    expect(parsePrivateKey(text)).toBeUndefined();
    expect(parsePublicKeys(text)).toBeUndefined();
  });
});
