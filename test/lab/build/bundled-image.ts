import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { buildImage, nodeImage, type Image } from './images.ts';

interface BundledImage {
  /** `localhost/NAME:TAG`. */
  readonly name: string;
  /** The program's TypeScript; the Dockerfile finds it, and all it imports, as `program.mjs`. */
  readonly entry: string;
  readonly dockerfile: string;
  readonly buildArguments?: Readonly<Record<string, string>>;
}

/** CommonJS packages inside an ES module call `require`. */
const REQUIRE = "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);";

/** An image on Debian with Node 24 that holds one program of one file. */
export async function bundledImage({ entry, ...options }: BundledImage): Promise<Image> {
  const context = mkdtempSync(join(tmpdir(), 'bundle-'));
  const program = join(context, 'program.mjs');
  try {
    await build({
      entryPoints: [entry],
      outfile: program,
      bundle: true,
      platform: 'node',
      target: 'node24',
      format: 'esm',
      // Optional native driver of pg.
      external: ['pg-native'],
      banner: { js: `#!/usr/local/bin/node\n${REQUIRE}` },
      logLevel: 'error',
    });
    return await buildImage({ ...options, context, inputs: [program], base: await nodeImage() });
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}
