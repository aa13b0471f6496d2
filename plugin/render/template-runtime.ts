import type HandlebarsModule from 'handlebars';
import * as runtime from 'handlebars/runtime.js';
import type { Template, TemplateData } from './templates.ts';

/** The runtime without the compiler; its own types declare no exports. */
const { default: Handlebars } = runtime as unknown as { readonly default: Pick<typeof HandlebarsModule, 'template'> };

/** How templates are compiled, in source runs, for overrides, and by the bundler ahead of time. */
export const COMPILE_OPTIONS = {
  strict: true,
  noEscape: true,
  knownHelpersOnly: true,
  knownHelpers: { json: true, if: true, each: true, unless: true, with: true },
} as const;

type Compiled = (data: TemplateData, options: HandlebarsModule.RuntimeOptions) => string;

/** A compiled template with the runtime's doors closed: no prototype's members, no helper but `json`. */
export function asTemplate(compiled: Compiled): Template {
  return (data, json) =>
    compiled(data, { helpers: { json }, allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false });
}

/**
 * The generated module of the bundle calls it.
 * @param specification what `Handlebars.precompile` made, evaluated: it comes with the bundle, never from input.
 * @public
 */
export function fromPrecompiled(specification: TemplateSpecification): Template {
  return asTemplate(Handlebars.template(specification));
}
