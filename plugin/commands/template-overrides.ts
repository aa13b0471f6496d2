import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { textOf } from '../errors/text-of.ts';
import { TEMPLATE_NAMES, type Template, type TemplateName, type Templates } from '../render/templates.ts';
import { PlacedError, oneLine } from './failure.ts';

const isName = (name: string): name is TemplateName => (TEMPLATE_NAMES as readonly string[]).includes(name);

/**
 * What runs the plan, and what it may do, is not the repository's to replace: a step would check a request that its template has written.
 */
const FIXED: readonly TemplateName[] = [
  'job',
  'keeper',
  'lifecycle',
  'migrate',
  'role',
  'rolebinding',
  'serviceaccount',
];
const isFixed = (name: string): boolean => (FIXED as readonly string[]).includes(name);

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
      if (!isName(name))
        throw new PlacedError(
          `${path}:1`,
          'template-unknown',
          `those that can be replaced are ${TEMPLATE_NAMES.filter((each) => !isFixed(each)).join(', ')}`,
        );
      try {
        return [name, compileTemplate(readFileSync(path, 'utf8'))];
      } catch (error) {
        throw templateError(path, error);
      }
    });
  return { ...builtIn, ...Object.fromEntries(overrides) };
}

/** Compilers say `line 4: …` or `Parse error on line 4: …`; the line belongs beside the file's name. */
export function templateError(path: string, error: unknown): PlacedError {
  const text = oneLine(textOf(error));
  const line = /\bline (\d+)/.exec(text)?.[1] ?? '1';
  return new PlacedError(`${path}:${line}`, 'template-invalid', text.replace(/^line \d+: /, ''));
}
