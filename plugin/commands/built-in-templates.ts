import { readFileSync } from 'node:fs';
import { compileTemplate } from '../render/compile-template.ts';
import { TEMPLATE_NAMES, type KnownTexts, type Templates } from '../render/templates.ts';

/** The templates of manifests/. The bundler puts the precompiled ones in this module's place (scripts/bundle.ts). */
export function builtInTemplates(): Templates {
  const folder = new URL('../../manifests/', import.meta.url);
  const compile = (name: string) => compileTemplate(readFileSync(new URL(`${name}.hbs`, folder), 'utf8'));
  return Object.fromEntries(TEMPLATE_NAMES.map((name) => [name, compile(name)])) as unknown as Templates;
}

/** Texts of these templates that were read already: none here, those of usual plans in the bundle. */
export const knownTexts = (): KnownTexts => new Map();
