import { existsSync } from 'node:fs';
import { newKey, publicPart } from '../approval/keys.ts';
import type { Io } from './io.ts';
import { readPublicKeys, requireNone, writePrivateKey, writePublicKeys } from './key-files.ts';

export interface KeysOptions {
  readonly private: string;
  readonly public: string;
}

/**
 * Makes a pair of keys: the private one into a file of its own, the public one behind those that are there, because what a retired
 * key has approved stays approved. Prints the key's id, and neither key.
 */
export async function keys(io: Io, { private: privateFile, public: publicFile }: KeysOptions): Promise<void> {
  const known = existsSync(publicFile) ? readPublicKeys(publicFile) : [];
  const key = await newKey();
  // A private key whose public half was not written would be of no use, and in the way of the next try.
  requireNone(privateFile);
  writePublicKeys(publicFile, [...known, publicPart(key)]);
  writePrivateKey(privateFile, key);
  io.out(`${key.kid}\n`);
  io.err(`${privateFile}: the private key, for lifecycle approve; keep it out of Git\n`);
  io.err(`${publicFile}: every public key (${known.length + 1}), for LIFECYCLE_APPROVAL_KEYS\n`);
}
