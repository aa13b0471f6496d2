import Handlebars from 'handlebars';
import { COMPILE_OPTIONS, asTemplate } from './template-runtime.ts';
import type { Template } from './templates.ts';

/**
 * Compiles a template. Only `{{json value}}` prints; `{{#if}}`, `{{#each}}`, `{{#unless}}` and `{{#with}}` choose. Anything
 * else that prints (`{{name}}`, `{{{name}}}`, partials) would let input become structure and is refused (I16).
 * @throws Error with the line and what is wrong there
 */
export function compileTemplate(source: string): Template {
  const program = Handlebars.parse(source);
  new OnlyJsonPrints().accept(program);
  return asTemplate(Handlebars.compile(program, COMPILE_OPTIONS));
}

const BLOCKS: readonly string[] = ['if', 'each', 'unless', 'with'];

class OnlyJsonPrints extends Handlebars.Visitor {
  override MustacheStatement(statement: hbs.AST.MustacheStatement): void {
    const { path, params, hash } = statement;
    const isJson = 'original' in path && path.original === 'json' && params.length === 1;
    // The types say that hash is always there; it is not.
    if (!isJson || (hash as hbs.AST.Hash | undefined) !== undefined)
      refuse(statement, 'a value is printed as {{json value}} only');
  }
  override BlockStatement(statement: hbs.AST.BlockStatement): void {
    if (!BLOCKS.includes(statement.path.original)) refuse(statement, `there is no block #${statement.path.original}`);
    super.BlockStatement(statement);
  }
  override PartialStatement(statement: hbs.AST.PartialStatement): void {
    refuse(statement, 'partials are not supported');
  }
  override PartialBlockStatement(statement: hbs.AST.PartialBlockStatement): void {
    refuse(statement, 'partials are not supported');
  }
  override DecoratorBlock(statement: hbs.AST.DecoratorBlock): void {
    refuse(statement, 'decorators are not supported');
  }
  override Decorator(statement: hbs.AST.Decorator): void {
    refuse(statement, 'decorators are not supported');
  }
}

function refuse({ loc }: hbs.AST.Node, problem: string): never {
  throw new Error(`line ${loc.start.line}: ${problem}`);
}
