import { afterAll, beforeAll } from '@jest/globals';
import { makeTemplate, removeTemplate, type Template } from './blue-green.ts';

/** A template for the tests of a file: made before the first, removed after the last. To be asked inside of tests. */
export function useTemplate(): () => Template {
  let template: Template;
  beforeAll(async () => {
    template = await makeTemplate();
  });
  afterAll(() => {
    removeTemplate(template);
  });
  return () => template;
}
