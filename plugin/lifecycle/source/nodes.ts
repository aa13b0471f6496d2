import { isAlias, isCollection, isMap, isNode, isScalar, isSeq, type Document, type Node, type Pair } from 'yaml';
import { quoteKey, type Finding, type Path } from '../finding.ts';

const MAX_DEPTH = 64;
const MAX_ALIASES = 64;
/** Values that all aliases together may stand for: an alias bomb multiplies, a file that people write does not. */
const MAX_ALIASED = 10_000;

/** How large a value is when its aliases are written out. */
interface Size {
  readonly nodes: number;
  readonly depth: number;
}
const LEAF: Size = { nodes: 1, depth: 1 };

/**
 * What the YAML library accepts but a lifecycle file must not hold: keys that stand twice, that are no strings or would
 * reach a prototype, tags, merge keys, aliases beyond a limit, nesting beyond MAX_DEPTH, text that is no Unicode.
 */
export function checkNodes(document: Document): readonly Finding[] {
  const check = new NodeCheck();
  check.visit(document.contents, [], 1);
  return check.findings;
}

class NodeCheck {
  readonly findings: Finding[] = [];
  /** The newest node of an anchor, as YAML reads it; its size is missing while the walk is still inside it. */
  readonly #anchors = new Map<string, Size | undefined>();
  #aliases = 0;
  #aliased = 0;

  visit(node: unknown, path: Path, depth: number): Size {
    if (!isNode(node)) return LEAF;
    if (depth > MAX_DEPTH) {
      this.#report('yaml-too-deep', node, path, `it is nested more than ${MAX_DEPTH} levels deep`);
      return LEAF;
    }
    if (isAlias(node)) return this.#alias(node, path, depth);
    if (node.tag !== undefined && hasTag(node)) this.#report('yaml-feature', node, path, 'a tag');
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, undefined);
    const size = this.#size(node, path, depth);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, size);
    return size;
  }

  #size(node: Node, path: Path, depth: number): Size {
    if (isScalar(node)) return this.#scalar(node.value, node, path);
    if (isMap(node)) return total(this.#pairs(node.items, path, depth));
    if (isSeq(node)) return total(node.items.map((item, index) => this.visit(item, [...path, index], depth + 1)));
    return LEAF;
  }

  #pairs(pairs: readonly Pair[], path: Path, depth: number): readonly Size[] {
    const seen = new Set<string>();
    return pairs.map(({ key, value }) => {
      const name = this.#key(key, path, seen);
      return this.visit(value, name === undefined ? path : [...path, name], depth + 1);
    });
  }

  #key(key: unknown, path: Path, seen: Set<string>): string | undefined {
    const name = isScalar(key) ? key.value : undefined;
    if (typeof name !== 'string') {
      this.#report('yaml-feature', key, path, 'a key that is no string');
      return undefined;
    }
    this.visit(key, [...path, name], 1);
    if (name === '<<') this.#report('yaml-feature', key, [...path, name], 'a merge key');
    if (name === '__proto__') this.#report('unknown-field', key, [...path, name], 'a field cannot have this name');
    if (seen.has(name)) this.#report('duplicate-key', key, [...path, name], `${quoteKey(name)} stands here again`);
    seen.add(name);
    return name;
  }

  #scalar(value: unknown, node: Node, path: Path): Size {
    if (typeof value === 'string' && (!value.isWellFormed() || /[^\P{Cc}\t\n\r]/u.test(value)))
      this.#report('wrong-value', node, path, 'the text holds control characters, or halves of one');
    if (typeof value === 'number' && !Number.isFinite(value))
      this.#report('wrong-type', node, path, 'this is no number');
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
      this.#report('wrong-value', node, path, 'the number is too large to be read exactly: quote it');
    return LEAF;
  }

  #alias(node: Node & { readonly source: string }, path: Path, depth: number): Size {
    this.#aliases += 1;
    if (this.#aliases === MAX_ALIASES + 1) this.#report('alias-limit', node, path, `more than ${MAX_ALIASES} aliases`);
    const size = this.#anchors.get(node.source);
    if (size === undefined) {
      if (this.#anchors.has(node.source))
        this.#report('alias-limit', node, path, 'the alias stands inside its own value');
      else this.#report('yaml-syntax', node, path, 'no anchor of this name stands before the alias');
      return LEAF;
    }
    const within = this.#aliased <= MAX_ALIASED;
    this.#aliased += size.nodes;
    if (within && this.#aliased > MAX_ALIASED)
      this.#report('alias-limit', node, path, `the aliases stand for more than ${MAX_ALIASED} values`);
    if (depth + size.depth > MAX_DEPTH)
      this.#report('yaml-too-deep', node, path, `with its aliases it is nested more than ${MAX_DEPTH} levels deep`);
    return size;
  }

  #report(code: Finding['code'], node: unknown, path: Path, detail: string): void {
    const offset = isNode(node) ? node.range?.[0] : undefined;
    this.findings.push({ code, path, detail, ...(offset === undefined ? {} : { offset }) });
  }
}

/** Collections carry the tag of their kind even where the source has none. */
function hasTag(node: Node): boolean {
  return !isCollection(node) || !['tag:yaml.org,2002:map', 'tag:yaml.org,2002:seq'].includes(node.tag ?? '');
}

function total(sizes: readonly Size[]): Size {
  return {
    nodes: sizes.reduce((sum, { nodes }) => sum + nodes, 1),
    depth: sizes.reduce((most, { depth }) => Math.max(most, depth), 0) + 1,
  };
}
