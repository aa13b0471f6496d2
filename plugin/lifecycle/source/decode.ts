import type { FileErrorCode } from '../../errors/file-errors.ts';
import { placeOf, type Place } from './place.ts';

export const MAX_BYTES = 1024 * 1024;

export type Decoded =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly code: FileErrorCode; readonly place: Place; readonly detail: string };

/**
 * What a reviewer cannot see, or would see as something else: control characters, a carriage return that is no line's
 * end, characters that turn the direction of text.
 */
const UNSEEN = /[^\P{Cc}\t\n\r]|\r(?!\n)|\p{Bidi_Control}|[\uFFFE\uFFFF]/u;
const NEWLINE = 0x0a;
const START: Place = { line: 1, column: 1 };

/** Bytes → text. The byte order mark is dropped. */
export function decode(source: Uint8Array): Decoded {
  if (source.length > MAX_BYTES) {
    return { ok: false, code: 'file-too-large', place: START, detail: `it has ${source.length} bytes` };
  }
  const text = decodeUtf8(source);
  if (text === undefined) {
    return { ok: false, code: 'not-utf8', place: placeOfInvalidByte(source), detail: 'this byte is not UTF-8' };
  }
  const unseen = UNSEEN.exec(text);
  if (unseen === null) return { ok: true, text };
  const character = `U+${(unseen[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  return { ok: false, code: 'yaml-syntax', place: placeOf(text, unseen.index), detail: `${character} cannot be seen` };
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** A newline is never part of a longer sequence, so each line stands for itself. */
function placeOfInvalidByte(source: Uint8Array): Place {
  let line = 1;
  let start = 0;
  for (;;) {
    const newline = source.indexOf(NEWLINE, start);
    const bytes = source.subarray(start, newline === -1 ? source.length : newline);
    if (decodeUtf8(bytes) === undefined) return { line, column: validLength(bytes) + 1 };
    if (newline === -1) return START;
    line += 1;
    start = newline + 1;
  }
}

/** @returns how many UTF-16 units of the line can be read before the first byte that cannot. */
function validLength(line: Uint8Array): number {
  const readable = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let text = '';
  for (const byte of line) {
    try {
      text += readable.decode(Uint8Array.of(byte), { stream: true });
    } catch {
      return text.length;
    }
  }
  return text.length;
}
