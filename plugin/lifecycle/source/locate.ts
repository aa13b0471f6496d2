import { isAlias, isMap, isScalar, isSeq, type Document, type Pair, type YAMLMap } from 'yaml';
import type { Path } from '../finding.ts';

/** Follows an alias to the value that it stands for. */
function target(document: Document, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

/** The pairs of a mapping by their keys, made once: a hostile file has a problem at each of a great many keys. */
const indexes = new WeakMap<YAMLMap, ReadonlyMap<unknown, Pair>>();

function pairOf(map: YAMLMap, key: string | number): Pair | undefined {
  let index = indexes.get(map);
  if (index === undefined) {
    index = new Map(map.items.map((pair) => [isScalar(pair.key) ? pair.key.value : undefined, pair]));
    indexes.set(map, index);
  }
  return index.get(key);
}

interface Found {
  readonly key: unknown;
  readonly value: unknown;
}

function step(document: Document, from: unknown, part: string | number): Found | undefined {
  const node = target(document, from);
  if (isSeq(node) && typeof part === 'number' && part in node.items) return { key: undefined, value: node.items[part] };
  const pair = isMap(node) ? pairOf(node, part) : undefined;
  return pair && { key: pair.key, value: pair.value };
}

/** The key and value at a path, or of the deepest part of it that exists. */
export function find(document: Document, path: Path): Found {
  let found: Found = { key: undefined, value: document.contents };
  for (const part of path) {
    const next = step(document, found.value, part);
    if (next === undefined) break;
    found = next;
  }
  return found;
}

/** @returns the offset of the field's key or value in UTF-16 units; of its nearest parent when it does not exist. */
export function locate(document: Document, path: Path, at: 'key' | 'value'): number {
  const { key, value } = find(document, path);
  return (at === 'key' ? start(key) : visibleStart(value)) ?? start(key) ?? start(value) ?? 0;
}

function start(node: unknown): number | undefined {
  return (node as { readonly range?: readonly number[] | null } | null | undefined)?.range?.[0];
}

/** An empty value (`blue:`) has a place but no text: its key is the better place. */
function visibleStart(node: unknown): number | undefined {
  if (isScalar(node) && node.value === null && (node.source ?? '') === '') return undefined;
  return start(node);
}

/** The path of the innermost field whose text holds this offset. */
export function pathAt(document: Document, offset: number): Path {
  const path: (string | number)[] = [];
  let node: unknown = document.contents;
  for (;;) {
    const next = partAt(node, offset);
    if (next === undefined) return path;
    path.push(next.part);
    node = next.value;
  }
}

function partAt(
  node: unknown,
  offset: number,
): { readonly part: string | number; readonly value: unknown } | undefined {
  if (isSeq(node)) {
    const part = node.items.findIndex((item) => holds(item, offset));
    return part === -1 ? undefined : { part, value: node.items[part] };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key, value }) => holds(key, offset) || holds(value, offset));
  if (pair === undefined || !isScalar(pair.key) || typeof pair.key.value !== 'string') return undefined;
  return { part: pair.key.value, value: pair.value };
}

function holds(node: unknown, offset: number): boolean {
  const range = (node as { readonly range?: readonly number[] | null } | null | undefined)?.range;
  return range ? offset >= (range[0] ?? 0) && offset < (range[2] ?? 0) : false;
}
