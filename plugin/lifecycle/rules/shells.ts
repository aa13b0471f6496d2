import type { Draft } from '../draft.ts';
import type { Finding, Path } from '../finding.ts';
import { containersOf, podTemplates } from './pod-templates.ts';
import type { Rule } from './rule.ts';

/** Programs by whose name anywhere in a command a value could be read as code (I16). */
const SHELL = /^(.*\/)?(ba|da|a|z|k|c|tc|fi|mk)?sh$/;

/** No command of the file runs a shell; the rendered objects are checked for the same. */
export const shells: Rule = (draft) =>
  commandsOf(draft).flatMap(({ words, path }) =>
    words.flatMap((word, index): readonly Finding[] => {
      if (typeof word !== 'string' || !SHELL.test(word)) return [];
      const detail = 'a shell would read parts of the command as code';
      return [{ code: 'wrong-value', path: [...path, index], detail, remedy: 'run the program itself' }];
    }),
  );

interface Words {
  readonly words: readonly unknown[];
  readonly path: Path;
}

function commandsOf(draft: Draft): readonly Words[] {
  const migrations = draft.spec?.application?.migrations?.command ?? [];
  return [
    { words: migrations, path: ['spec', 'application', 'migrations', 'command'] },
    ...podTemplates(draft)
      .flatMap(containersOf)
      .flatMap(({ container, path }) =>
        ['command', 'args'].flatMap((field) => {
          const words: unknown = container[field];
          return Array.isArray(words) ? [{ words, path: [...path, field] }] : [];
        }),
      ),
  ];
}
