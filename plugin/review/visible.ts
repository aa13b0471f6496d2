/** Control and format characters, line ends, halves of characters: what is not seen, or makes other text be seen elsewhere (bidi). */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** In one line, with nothing in it that cannot be seen: `\u{202e}` in the place of a character that turns the line round. */
export function visible(text: string): string {
  return text.replaceAll(/\r\n|[\n\t]/g, ' ').replaceAll(UNSEEN, escaped);
}

const escaped = (character: string): string => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
