import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { build, type Plugin } from 'esbuild';
import Handlebars from 'handlebars';
import { COMPILE_OPTIONS } from '../plugin/render/template-runtime.ts';
import { TEMPLATE_NAMES } from '../plugin/render/templates.ts';

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

/** Puts the precompiled templates of manifests/ in the place of the module that reads and compiles them. */
const precompiledTemplates: Plugin = {
  name: 'precompiled-templates',
  setup(esbuild) {
    esbuild.onLoad({ filter: /\/commands\/built-in-templates\.ts$/ }, () => ({
      contents: templatesModule(),
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

function templatesModule(): string {
  const templates = TEMPLATE_NAMES.map((name) => {
    const source = readFileSync(join(ROOT, 'manifests', `${name}.hbs`), 'utf8');
    return `${JSON.stringify(name)}: fromPrecompiled(${Handlebars.precompile(source, COMPILE_OPTIONS) as string})`;
  });
  return `import { fromPrecompiled } from '../render/template-runtime.ts';
    export const builtInTemplates = () => ({ ${templates.join(',\n')} });`;
}

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
    plugins: [precompiledTemplates, zodByParts],
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
