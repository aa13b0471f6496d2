/** What is shown to people, before it is known where: in a terminal, or as a comment of a pull request. */
export type Words = readonly (string | Code)[];

/** A value as it stands in a file, never a sentence. */
export interface Code {
  readonly code: string;
}

export interface TableBlock {
  /** What it is a table of, for the line that takes its place where there is no room: `the waves of a/lifecycle.yaml`. */
  readonly of: string;
  readonly table: { readonly head: readonly string[]; readonly rows: readonly (readonly Words[])[] };
}

export type Block =
  | { readonly heading: Words; readonly level: 2 | 3 | 4 }
  | { readonly line: Words }
  | { readonly list: readonly Words[] }
  | TableBlock;

export type Page = readonly Block[];

export const isTable = (block: Block): block is TableBlock => 'table' in block;

/**
 * Our words around values: a text that is put in is a value of the file, a list is words already.
 * @example say`The Service selects ${name}.`
 */
export const say = (texts: TemplateStringsArray, ...values: readonly (string | number | Words)[]): Words =>
  texts.flatMap((text, index) => {
    const value = values[index];
    const words = typeof value === 'object' ? value : value === undefined ? [] : [{ code: String(value) }];
    return [...(text === '' ? [] : [text]), ...words];
  });

/** `a, b, c` of values. */
export const listed = (values: readonly string[]): Words =>
  values.flatMap((value, index) => (index === 0 ? [{ code: value }] : [', ', { code: value }]));

/** Without any marks, for a terminal. */
export const textOfWords = (words: Words): string =>
  words.map((word) => (typeof word === 'string' ? word : word.code)).join('');
