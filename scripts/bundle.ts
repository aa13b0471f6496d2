import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { build, type BuildOptions } from 'esbuild';
import { execa } from 'execa';
import {
  CLUSTER_FILE,
  clusterApart,
  GIT_FILE,
  gitApart,
  preparedPage,
  preparedTemplates,
  zodByParts,
} from './bundle-plugins.ts';

/**
 * Bundles what ships: `lifecycle-step` and `lifecycle-generator` in one file each, lifecycle-step.mjs and lifecycle-generator.mjs; `lifecycle` (generate and the other commands) as
 * lifecycle-program.cjs, the code that V8 compiled of it, lifecycle-program.cache, lifecycle.cjs, which starts the one
 * with the other, lifecycle-cluster.cjs, which only the commands load that ask a cluster, and lifecycle-git.cjs for those that compare commits. Beside each bundle its metafile, which a test reads to see what went in.
 *
 * Usage: bundle.ts [FOLDER [NAME …]], default dist/ and all
 */
const ROOT = join(import.meta.dirname, '..');

/** Packages in CommonJS ask for Node's own modules through `require`. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

const COMMON = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'node',
  target: 'node24',
  minify: true,
  // Errors are reported with the names of classes and functions.
  keepNames: true,
  legalComments: 'linked',
  mainFields: ['module', 'main'],
  metafile: true,
  write: false,
  logLevel: 'warning',
} as const satisfies BuildOptions;

/** A program with the first line that plugin/start/compile.ts tells it by. */
const titled = (text: string): string => `// ${createHash('sha256').update(text).digest('hex')}\n${text}`;

interface Entry {
  readonly source: string;
  readonly file: string;
  readonly options: Pick<BuildOptions, 'format' | 'banner' | 'define' | 'plugins'>;
  readonly finish?: (text: string) => string;
}
const PLUGINS = [preparedTemplates(ROOT), zodByParts];
const STEP: Entry = {
  source: 'plugin/step-main.ts',
  file: 'lifecycle-step.mjs',
  options: { format: 'esm', banner: { js: REQUIRE }, plugins: PLUGINS },
};
const PROGRAM: Entry = {
  source: 'plugin/main.ts',
  file: 'lifecycle-program.cjs',
  options: { format: 'cjs', plugins: [clusterApart, gitApart, ...PLUGINS] },
  finish: titled,
};
const CLUSTER: Entry = {
  source: 'plugin/cluster/lifecycles.ts',
  file: CLUSTER_FILE,
  options: { format: 'cjs', plugins: PLUGINS },
};
const GIT: Entry = {
  source: 'plugin/git/repository.ts',
  file: GIT_FILE,
  options: { format: 'cjs', plugins: PLUGINS },
};
const GENERATOR: Entry = {
  source: 'generators/main.ts',
  file: 'lifecycle-generator.mjs',
  options: { format: 'esm', banner: { js: REQUIRE }, plugins: [preparedPage(ROOT), ...PLUGINS] },
};
const START: Entry = {
  source: 'plugin/start/main.ts',
  file: 'lifecycle.cjs',
  options: { format: 'cjs', define: { 'import.meta.dirname': '__dirname' } },
};

async function bundle({ source, file, options, finish = (text) => text }: Entry, folder: string): Promise<void> {
  const outfile = join(folder, file);
  const result = await build({ ...COMMON, ...options, entryPoints: [join(ROOT, source)], outfile });
  for (const { path, text } of result.outputFiles) writeFileSync(path, path === outfile ? finish(text) : text);
  writeFileSync(outfile.replace(/\.[cm]js$/, '.meta.json'), JSON.stringify(result.metafile));
  chmodSync(outfile, 0o755);
}

async function bundleLifecycle(folder: string): Promise<void> {
  await bundle(START, folder);
  await bundle(PROGRAM, folder);
  await bundle(CLUSTER, folder);
  await bundle(GIT, folder);
  const program = join(folder, PROGRAM.file);
  const args = [join(ROOT, 'scripts/code-cache.ts'), program, join(folder, 'lifecycle-program.cache')];
  await execa(process.execPath, args, { stdout: 'ignore' });
}

const BUNDLES = {
  lifecycle: bundleLifecycle,
  'lifecycle-step': (folder: string) => bundle(STEP, folder),
  'lifecycle-generator': (folder: string) => bundle(GENERATOR, folder),
};

const [folder = join(ROOT, 'dist'), ...names] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
for (const [name, make] of Object.entries(BUNDLES))
  if (names.length === 0 || names.includes(name)) await make(resolve(folder));
