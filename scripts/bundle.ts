import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { build, type Plugin } from 'esbuild';
import { templatesModule } from './templates-module.ts';

/**
 * Bundles what ships, one file each: lifecycle.mjs (generate and the other commands) and lifecycle-step.mjs. Beside each
 * its metafile, which a test reads to see what went in.
 *
 * Usage: bundle.ts [FOLDER [NAME …]], default dist/ and both
 */
const ROOT = join(import.meta.dirname, '..');
const ENTRIES = { lifecycle: 'plugin/main.ts', 'lifecycle-step': 'plugin/step-main.ts' } as const;

/** Packages in CommonJS ask for Node's own modules through `require`. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** Puts the templates of manifests/, prepared, in the place of the module that reads and compiles them. */
const preparedTemplates: Plugin = {
  name: 'prepared-templates',
  setup(esbuild) {
    esbuild.onLoad({ filter: /\/commands\/built-in-templates\.ts$/ }, () => ({
      contents: templatesModule(join(ROOT, 'manifests')),
      loader: 'ts',
      resolveDir: join(ROOT, 'plugin/commands'),
    }));
  },
};

/** `import { z }` keeps all of zod, with its messages in fifty languages; from a namespace import esbuild takes what is used. */
const zodByParts: Plugin = {
  name: 'zod-by-parts',
  setup(esbuild) {
    esbuild.onLoad({ filter: /\/plugin\/.*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace("import { z } from 'zod'", "import * as z from 'zod'"),
      loader: 'ts',
    }));
  },
};

async function bundle(name: keyof typeof ENTRIES, folder: string): Promise<void> {
  const file = join(folder, `${name}.mjs`);
  const result = await build({
    entryPoints: [join(ROOT, ENTRIES[name])],
    outfile: file,
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minify: true,
    // Errors are reported with the names of classes and functions.
    keepNames: true,
    legalComments: 'linked',
    banner: { js: REQUIRE },
    mainFields: ['module', 'main'],
    metafile: true,
    logLevel: 'warning',
    plugins: [preparedTemplates, zodByParts],
  });
  writeFileSync(join(folder, `${name}.meta.json`), JSON.stringify(result.metafile));
  chmodSync(file, 0o755);
}

const [folder = join(ROOT, 'dist'), ...names] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const wanted = (Object.keys(ENTRIES) as (keyof typeof ENTRIES)[]).filter(
  (name) => names.length === 0 || names.includes(name),
);
for (const name of wanted) await bundle(name, folder);
