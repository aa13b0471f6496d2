import { readFileSync } from 'node:fs';
import process from 'node:process';
import { Script } from 'node:vm';

/** A program's first line, `// <SHA-256 of the rest>\n`; its code cache ends with it: V8 compares no more than the length. */
const TITLE_BYTES = 3 + 64 + 1;

interface Compiled {
  readonly script: Script;
  readonly title: string;
  readonly run: () => void;
}

/**
 * Compiles a bundle of CommonJS format that needs no modules but those of Node.js.
 * @param cache V8's code cache and the title of the program that it is of. What another program, another Node.js or other
 *   flags made is not used.
 */
export function compile(file: string, cache?: Buffer): Compiled {
  const source = readFileSync(file, 'utf8');
  const title = source.slice(0, TITLE_BYTES);
  const fits = cache?.toString('latin1', cache.length - TITLE_BYTES) === title;
  const script = new Script(`(function (require, __filename) {${source}\n})`, {
    filename: file,
    ...(fits ? { cachedData: cache.subarray(0, -TITLE_BYTES) } : {}),
  });
  const run = (): void => {
    const program = script.runInThisContext() as (require: (name: string) => unknown, filename: string) => void;
    program((name) => process.getBuiltinModule(name), file);
  };
  return { script, title, run };
}
