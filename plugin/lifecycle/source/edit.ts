import { isCollection, isMap, isNode, stringify, type Document } from 'yaml';
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
    const flow = stringify(fields, { collectionStyle: 'flow', lineWidth: 0 }).trim();
    return { start: end, end, text: `, ${flow.slice(1, -1).trim()}` };
  }
  const [start = 0] = rangeOf(key);
  const indent = ' '.repeat(start - (source.lastIndexOf('\n', start - 1) + 1));
  const newline = source.includes('\r\n') ? '\r\n' : '\n';
  const block = stringify(fields, { lineWidth: 0 }).trimEnd().split('\n');
  const text = block.map((line) => indent + line).join(newline);
  const lineEnd = source.indexOf('\n', end);
  if (lineEnd === -1) return { start: source.length, end: source.length, text: newline + text + newline };
  return { start: lineEnd + 1, end: lineEnd + 1, text: text + newline };
}

/** The end of the last text of a value; a block collection's own range goes on over the comments behind it. */
function lastOffset(node: unknown): number {
  if (!isCollection(node) || node.flow === true || node.items.length === 0) return rangeOf(node)[1] ?? 0;
  const last = node.items.at(-1);
  return lastOffset(isNode(last) ? last : (last as { readonly value: unknown }).value);
}

function rangeOf(node: unknown): readonly number[] {
  return isNode(node) ? (node.range ?? []) : [];
}
