import { readFileSync } from 'node:fs';
import process from 'node:process';
import { LifecycleError } from '../../plugin/errors/errors.ts';
import type { SecretSource } from './schema.ts';

export interface Secrets {
  /**
   * The secret as it is now: a file is read anew each time, so that a Secret that rotates needs no restart. Without the line ends at its end:
   * what needs one, as a key for ssh does, adds it.
   * @throws LifecycleError generator-config-invalid, which names where it was looked for and nothing of what is there
   */
  readonly read: (source: SecretSource) => string;
  /** Why it cannot be read, or undefined. */
  readonly problemOf: (source: SecretSource) => string | undefined;
  /** The text with `[secret]` in the place of every secret that was read: for whatever leaves the process. */
  readonly scrub: (text: string) => string;
}

export interface SecretsEdge {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (file: string) => Buffer;
}

/** A token or a key; what is larger is no secret. */
const MAX_BYTES = 65_536;
/** What was rotated away counts as secret for as many rotations. */
const MAX_REMEMBERED = 512;
/** Shorter pieces would be found in ordinary words. */
const LEAST_TO_SCRUB = 6;
const MASK = '[secret]';

/** The one reader of secrets. */
export function createSecrets({ env, readFile }: SecretsEdge = { env: process.env, readFile: readFileSync }): Secrets {
  const remembered = new Set<string>();

  const found = (source: SecretSource): { readonly text: string } | { readonly problem: string } => {
    if ('env' in source) {
      const text = env[source.env];
      return text === undefined ? { problem: `${placeOf(source)} is not set` } : checked(source, text);
    }
    try {
      const bytes = readFile(source.file);
      if (bytes.length > MAX_BYTES) return { problem: `${placeOf(source)} has more than ${MAX_BYTES} bytes` };
      return checked(source, bytes.toString('utf8'));
    } catch (error) {
      const { code = 'an unknown error' } = error as NodeJS.ErrnoException;
      return { problem: `${placeOf(source)} cannot be read: ${code}` };
    }
  };

  return {
    read: (source) => {
      const result = found(source);
      if ('problem' in result) throw new LifecycleError('generator-config-invalid', result.problem);
      remember(remembered, result.text);
      return result.text;
    },
    problemOf: (source) => {
      const result = found(source);
      return 'problem' in result ? result.problem : undefined;
    },
    scrub: (text) =>
      // The longest first: a short one may be a part of it, and the rest would stay.
      [...remembered].sort((a, b) => b.length - a.length).reduce((rest, piece) => rest.replaceAll(piece, MASK), text),
  };
}

const placeOf = (source: SecretSource): string => ('env' in source ? `the variable ${source.env}` : source.file);

function checked(source: SecretSource, raw: string): { readonly text: string } | { readonly problem: string } {
  const text = raw.replace(/[\r\n]+$/, '');
  if (text.trim() === '') return { problem: `${placeOf(source)} is empty` };
  if (text.includes('\0')) return { problem: `${placeOf(source)} holds a zero byte, so that it is no text` };
  return { text };
}

/** A key of ssh has many lines, each of which says a part of it; one that signs is a field; in an address a password stands encoded. */
function remember(remembered: Set<string>, text: string): void {
  const lines = text.split(/\r?\n/).filter((line) => !line.startsWith('-----'));
  const [, privatePart = ''] = /"d"\s*:\s*"([^"]+)"/.exec(text) ?? [];
  for (const piece of [text, ...lines, privatePart, encodeURIComponent(text)]) {
    if (piece.length < LEAST_TO_SCRUB) continue;
    remembered.delete(piece);
    remembered.add(piece);
  }
  for (const oldest of remembered) {
    if (remembered.size <= MAX_REMEMBERED) break;
    remembered.delete(oldest);
  }
}
