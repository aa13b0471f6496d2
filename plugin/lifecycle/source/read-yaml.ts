import { parseDocument, type Document } from 'yaml';
import type { FileErrorCode } from '../../errors/file-errors.ts';
import type { Finding } from '../finding.ts';
import { checkNodes } from './nodes.ts';
import { syntaxFinding } from './syntax.ts';

/** After one of these the text has no value that could be checked any further. */
const UNREADABLE: ReadonlySet<FileErrorCode> = new Set([
  'yaml-syntax',
  'yaml-feature',
  'yaml-too-deep',
  'alias-limit',
  'several-documents',
]);

export interface YamlSource {
  readonly document: Document;
  readonly findings: readonly Finding[];
  /** The document as plain data; absent when its YAML cannot be relied on. */
  readonly value?: unknown;
}

/** Text → document with positions, and its value. Never throws. */
export function readYaml(text: string): YamlSource {
  // Keys are compared in checkNodes: the library compares each with each, which takes minutes for a hostile file.
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
  });
  // Warnings are about tags, which checkNodes refuses anyhow.
  const syntax = document.errors.map(syntaxFinding);
  const findings = [...syntax, ...directives(document, text), ...checkNodes(document)];
  if (findings.some(({ code }) => UNREADABLE.has(code))) return { document, findings };
  return { document, findings, value: document.toJS({ maxAliasCount: -1 }) };
}

/** `%YAML 1.1` would read `on` as true; `%TAG` renames tags. */
function directives({ directives: found }: Document, text: string): readonly Finding[] {
  const explicit = found?.yaml.explicit === true || Object.keys(found?.tags ?? {}).length > 1;
  const offset = Math.max(0, text.search(/^%/m));
  return explicit ? [{ code: 'yaml-feature', path: [], detail: 'a YAML directive', offset }] : [];
}
