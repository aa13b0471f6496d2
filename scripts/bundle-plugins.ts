import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import Handlebars from 'handlebars';
import { PAGE_OPTIONS } from '../generators/server/page/page-runtime.ts';
import { templatesModule } from './templates-module.ts';

export const CLUSTER_FILE = 'lifecycle-cluster.cjs';
export const GIT_FILE = 'lifecycle-git.cjs';

/** Puts the templates of manifests/, prepared, in the place of the module that reads and compiles them. */
export const preparedTemplates = (root: string): Plugin => ({
  name: 'prepared-templates',
  setup(esbuild) {
    esbuild.onLoad({ filter: /\/commands\/built-in-templates\.ts$/ }, () => ({
      contents: templatesModule(join(root, 'manifests')),
      loader: 'ts',
      resolveDir: join(root, 'plugin/commands'),
    }));
  },
});

/** The same for the page of the generator. */
export const preparedPage = (root: string): Plugin => ({
  name: 'prepared-page',
  setup(esbuild) {
    const folder = join(root, 'generators/server/page');
    esbuild.onLoad({ filter: /\/server\/page\/template\.ts$/ }, () => {
      const page = Handlebars.precompile(readFileSync(join(folder, 'page.hbs'), 'utf8'), PAGE_OPTIONS) as string;
      const style = JSON.stringify(readFileSync(join(folder, 'page.css'), 'utf8'));
      const contents = `import { pageOf } from './page-runtime.ts';
        export const pageTemplate = () => pageOf(${page}, ${style});`;
      return { contents, loader: 'ts', resolveDir: folder };
    });
  },
});

/** `import { z }` keeps all of zod, with its messages in fifty languages; from a namespace import esbuild takes what is used. */
export const zodByParts: Plugin = {
  name: 'zod-by-parts',
  setup(esbuild) {
    esbuild.onLoad({ filter: /\/(plugin|generators)\/.*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace("import { z } from 'zod'", "import * as z from 'zod'"),
      loader: 'ts',
    }));
  },
};

/** A module of the program that is a bundle of its own, beside it: what does not call for it never reads it. */
const apart = (name: string, module: RegExp, file: string, exported: string): Plugin => ({
  name,
  setup(esbuild) {
    esbuild.onLoad({ filter: module }, () => ({
      contents: `import { createRequire } from 'node:module';
        export const { ${exported} } = createRequire(__filename)('./${file}');`,
      loader: 'js',
    }));
  },
});

/** The client of Kubernetes. */
export const clusterApart = apart(
  'cluster-apart',
  /\/plugin\/cluster\/lifecycles\.ts$/,
  CLUSTER_FILE,
  'connectLifecycles',
);

/** What reads commits. */
export const gitApart = apart('git-apart', /\/plugin\/git\/repository\.ts$/, GIT_FILE, 'openRepository');
