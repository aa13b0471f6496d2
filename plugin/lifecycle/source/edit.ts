import { isCollection, isMap, isNode, isSeq, stringify, type Document, type Pair } from 'yaml';
import type { Path } from '../finding.ts';
import { find } from './locate.ts';

/** A piece of text in the place of another; offsets in UTF-16 units. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export function applyEdit(source: string, { start, end, text }: Edit): string {
  return source.slice(0, start) + text + source.slice(end);
}

/** Writes a plain value in the place of the scalar at the path. */
export function replaceValue(document: Document, path: Path, text: string): Edit {
  const { value } = find(document, path);
  const [start = 0, end = 0] = rangeOf(value);
  return { start, end, text };
}

/** Adds fields to a mapping, behind one that it has, in the style in which the mapping is written. */
export function insertAfter(source: string, document: Document, path: Path, fields: object): Edit {
  const { key, value } = find(document, path);
  const parent = find(document, path.slice(0, -1)).value;
  const end = lastOffset(value);
  if (isMap(parent) && parent.flow === true) {
    const flow = stringify(fields, FLOW).trim();
    return { start: end, end, text: `, ${flow.slice(1, -1).trim()}` };
  }
  return linesAfter(source, end, columnOf(source, rangeOf(key)[0] ?? 0), fields);
}

/** Adds an item to the end of a list, in the style in which the list is written. */
export function append(source: string, document: Document, path: Path, item: object): Edit {
  const { value } = find(document, path);
  const [start = 0, end = 0] = rangeOf(value);
  const flow = stringify(item, FLOW).trim();
  if (!isSeq(value) || value.items.length === 0) return { start, end, text: `[${flow}]` };
  const last = lastOffset(value.items.at(-1));
  if (value.flow === true) return { start: last, end: last, text: `, ${flow}` };
  return linesAfter(source, last, columnOf(source, start), [item]);
}

/**
 * Takes a field out of a mapping that has others, with the comments on its own lines; those on lines before and behind it
 * stay.
 */
export function remove(source: string, document: Document, path: Path): Edit {
  const { key, value } = find(document, path);
  const parent = find(document, path.slice(0, -1)).value;
  const [start = 0] = rangeOf(key);
  const end = lastOffset(value);
  if (!isMap(parent) || parent.flow !== true) {
    const lineEnd = source.indexOf('\n', end);
    return { start: lineStart(source, start), end: lineEnd === -1 ? source.length : lineEnd + 1, text: '' };
  }
  const index = parent.items.findIndex((pair: Pair) => pair.key === key);
  const before = parent.items[index - 1];
  if (before !== undefined) return { start: lastOffset(before.value ?? before.key), end, text: '' };
  return { start, end: rangeOf(parent.items[index + 1]?.key)[0] ?? end, text: '' };
}

const FLOW = { collectionStyle: 'flow', lineWidth: 0 } as const;

function linesAfter(source: string, end: number, column: number, value: object): Edit {
  const newline = source.includes('\r\n') ? '\r\n' : '\n';
  const block = stringify(value, { lineWidth: 0 }).trimEnd().split('\n');
  const text = block.map((line) => ' '.repeat(column) + line).join(newline);
  const lineEnd = source.indexOf('\n', end);
  if (lineEnd === -1) return { start: source.length, end: source.length, text: newline + text + newline };
  return { start: lineEnd + 1, end: lineEnd + 1, text: text + newline };
}

const lineStart = (source: string, offset: number): number => source.lastIndexOf('\n', offset - 1) + 1;
const columnOf = (source: string, offset: number): number => offset - lineStart(source, offset);

/** The end of the last text of a value; a block collection's own range goes on over the comments behind it. */
function lastOffset(node: unknown): number {
  if (!isCollection(node) || node.flow === true || node.items.length === 0) return rangeOf(node)[1] ?? 0;
  const last = node.items.at(-1);
  return lastOffset(isNode(last) ? last : (last as { readonly value: unknown }).value);
}

function rangeOf(node: unknown): readonly number[] {
  return isNode(node) ? (node.range ?? []) : [];
}
