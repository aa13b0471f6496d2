import type { ErrorCode, YAMLError } from 'yaml';
import type { Finding } from '../finding.ts';

/** The library's messages may quote the source, which may hold secrets: these stand in their place. */
const DETAIL: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'an alias cannot have an anchor or a tag',
  BAD_ALIAS: 'no anchor of this name stands before the alias',
  BAD_COLLECTION_TYPE: 'this tag does not fit a list or mapping',
  BAD_DIRECTIVE: 'a YAML directive that is not understood',
  BAD_DQ_ESCAPE: 'an unknown escape in a double-quoted string',
  BAD_INDENT: 'the indentation does not fit what stands around it',
  BAD_PROP_ORDER: 'anchor and tag have to stand before the value',
  BAD_SCALAR_START: 'a plain value cannot start with this character: quote it',
  BLOCK_AS_IMPLICIT_KEY: 'a mapping or list cannot start in this line: indent it below the key, or quote the value',
  BLOCK_IN_FLOW: 'a block of indented lines cannot stand between brackets',
  DUPLICATE_KEY: 'a key stands twice',
  IMPOSSIBLE: 'this cannot be read',
  KEY_OVER_1024_CHARS: 'a key is longer than 1024 characters',
  MISSING_CHAR: 'something is missing here: a closing quote, a bracket, a comma, ":" or a space',
  MULTILINE_IMPLICIT_KEY: 'a key has to stand in one line',
  MULTIPLE_ANCHORS: 'a value can have one anchor',
  MULTIPLE_DOCS: 'a second document starts here',
  MULTIPLE_TAGS: 'a value can have one tag',
  NON_STRING_KEY: 'a key has to be a string',
  RESOURCE_EXHAUSTION: 'it is nested too deeply to be read',
  TAB_AS_INDENT: 'a tab cannot indent a line: use spaces',
  TAG_RESOLVE_FAILED: 'a tag',
  UNEXPECTED_TOKEN: 'this is not expected here',
};

const CODE: Partial<Readonly<Record<ErrorCode, Finding['code']>>> = {
  MULTIPLE_DOCS: 'several-documents',
  RESOURCE_EXHAUSTION: 'yaml-too-deep',
  TAG_RESOLVE_FAILED: 'yaml-feature',
  BAD_DIRECTIVE: 'yaml-feature',
};

export function syntaxFinding({ code, pos }: YAMLError): Finding {
  return { code: CODE[code] ?? 'yaml-syntax', path: [], detail: DETAIL[code], offset: pos[0] };
}
