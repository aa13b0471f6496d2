import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { textOf } from '../errors/text-of.ts';
import { lineOfError } from '../render/template-line.ts';
import { isFixed, isReplaceable, REPLACEABLE } from '../render/template-names.ts';
import type { Template, TemplateName, Templates } from '../render/templates.ts';
import { PlacedError } from './failure.ts';

/** Built-in templates, replaced by those of the same name under `templates/` beside the lifecycle file. */
export async function withOverrides(builtIn: Templates, folder: string): Promise<Templates> {
  const templates = join(folder, 'templates');
  if (!existsSync(templates)) return builtIn;
  // The compiler is loaded only where there is something to compile: it is half of the start-up time.
  const { compileTemplate } = await import('../render/compile-template.ts');
  const overrides = readdirSync(templates)
    .filter((file) => file.endsWith('.hbs'))
    .sort()
    .map((file): [TemplateName, Template] => {
      const name = file.slice(0, -'.hbs'.length);
      const path = join(templates, file);
      if (isFixed(name)) throw new PlacedError(`${path}:1`, 'template-fixed', `${name} is what runs the plan`);
      if (!isReplaceable(name))
        throw new PlacedError(
          `${path}:1`,
          'template-unknown',
          `those that can be replaced are ${REPLACEABLE.join(', ')}`,
        );
      try {
        return [name, compileTemplate(readFileSync(path, 'utf8'))];
      } catch (error) {
        throw templateError(path, error);
      }
    });
  return { ...builtIn, ...Object.fromEntries(overrides) };
}

/** What is wrong with a template, at its line. */
export function templateError(path: string, error: unknown): PlacedError {
  const { line, text } = lineOfError(textOf(error));
  return new PlacedError(`${path}:${line}`, 'template-invalid', text);
}
