import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parsePrivateKey, parsePublicKeys } from '../approval/keys.ts';
import type { PrivateKey, PublicKey } from '../approval/key-schema.ts';
import { PlacedError } from './failure.ts';

export const readPrivateKey = (file: string): PrivateKey =>
  parsePrivateKey(text(file)) ?? invalid(file, 'it holds no private key');

export const readPublicKeys = (file: string): readonly PublicKey[] =>
  parsePublicKeys(text(file)) ?? invalid(file, 'it holds no set of public keys');

export function requireNone(file: string): void {
  if (existsSync(file)) throw new PlacedError(file, 'approval-key-exists', 'it is left as it is');
}

/** Only its owner may read it, and no file is overwritten. */
export function writePrivateKey(file: string, key: PrivateKey): void {
  at(file, () => {
    writeFileSync(file, `${JSON.stringify(key)}\n`, { flag: 'wx', mode: 0o600 });
  });
}

export function writePublicKeys(file: string, keys: readonly PublicKey[]): void {
  at(file, () => {
    writeFileSync(file, `${JSON.stringify({ keys }, undefined, 2)}\n`);
  });
}

const text = (file: string): string => at(file, () => readFileSync(file, 'utf8'));

function invalid(file: string, detail: string): never {
  throw new PlacedError(file, 'approval-key-invalid', detail);
}

function at<T>(file: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new PlacedError(file, 'file-unreadable', code);
  }
}
