import { readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import { PAGE_OPTIONS, asPage, type Page } from './page-runtime.ts';

/** The page as it stands beside. The bundler puts the precompiled one in this module's place (scripts/bundle-plugins.ts). */
export function pageTemplate(): Page {
  const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
  return asPage(Handlebars.compile(read('page.hbs'), PAGE_OPTIONS), read('page.css'));
}
