import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import { templatesModule } from './templates-module.ts';

export const CLUSTER_FILE = 'lifecycle-cluster.cjs';

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

/** `import { z }` keeps all of zod, with its messages in fifty languages; from a namespace import esbuild takes what is used. */
export const zodByParts: Plugin = {
  name: 'zod-by-parts',
  setup(esbuild) {
    esbuild.onLoad({ filter: /\/plugin\/.*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace("import { z } from 'zod'", "import * as z from 'zod'"),
      loader: 'ts',
    }));
  },
};

/** The client of Kubernetes is a bundle of its own, beside the program: generate never reads it. */
export const clusterApart: Plugin = {
  name: 'cluster-apart',
  setup(esbuild) {
    esbuild.onLoad({ filter: /\/plugin\/cluster\/lifecycles\.ts$/ }, () => ({
      contents: `import { createRequire } from 'node:module';
        export const { connectLifecycles } = createRequire(__filename)('./${CLUSTER_FILE}');`,
      loader: 'js',
    }));
  },
};
