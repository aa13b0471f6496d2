import type HandlebarsModule from 'handlebars';
import * as runtime from 'handlebars/runtime.js';
import type { PageData } from './view.ts';

/** The runtime without the compiler; its own types declare no exports. */
const { default: Handlebars } = runtime as unknown as { readonly default: Pick<typeof HandlebarsModule, 'template'> };

/** Everything is escaped but the style, which comes with the program. */
export const PAGE_OPTIONS = { strict: true, knownHelpersOnly: true, knownHelpers: { if: true, each: true } } as const;

export interface Page {
  readonly style: string;
  readonly render: (data: PageData) => string;
}

type Compiled = (data: object, options: HandlebarsModule.RuntimeOptions) => string;

export const asPage = (compiled: Compiled, style: string): Page => ({
  style,
  render: (data) =>
    compiled({ ...data, style }, { allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false }),
});

/**
 * The generated module of the bundle calls it.
 * @param specification what `Handlebars.precompile` made: it comes with the bundle, never from input.
 * @public
 */
export const pageOf = (specification: TemplateSpecification, style: string): Page =>
  asPage(Handlebars.template(specification), style);
