import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';
import { COMPILE_OPTIONS } from '../plugin/render/template-runtime.ts';
import { TEMPLATE_NAMES } from '../plugin/render/templates.ts';
import { usualTexts } from './usual-texts.ts';

/**
 * TypeScript in the place of plugin/commands/built-in-templates.ts: the templates precompiled, and what they render to in
 * usual plans already read, so that `generate` seldom has to parse YAML that is the same each time.
 */
export function templatesModule(folder: string): string {
  const templates = TEMPLATE_NAMES.map((name) => {
    const source = readFileSync(join(folder, `${name}.hbs`), 'utf8');
    return `${JSON.stringify(name)}: fromPrecompiled(${Handlebars.precompile(source, COMPILE_OPTIONS) as string})`;
  });
  // A string: the engine reads JSON faster than code.
  const texts = JSON.stringify(JSON.stringify(usualTexts()));
  return `import { fromPrecompiled } from '../render/template-runtime.ts';
    export const builtInTemplates = () => ({ ${templates.join(',\n')} });
    export const knownTexts = () => new Map(JSON.parse(${texts}));`;
}
