import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { buildImage, nodeImage, type Image } from '../build/images.ts';
import { PROJECT } from '../paths.ts';

/** What `lifecycle` consists of: what starts it, the program, its compiled code, and what asks a cluster. */
export const LIFECYCLE = [
  'lifecycle.cjs',
  'lifecycle-program.cjs',
  'lifecycle-program.cache',
  'lifecycle-cluster.cjs',
  'lifecycle-git.cjs',
] as const;

/** `dist/` as the Dockerfile wants it: both bundles and the migrations' launcher. */
export async function buildDist(): Promise<string> {
  const dist = join(PROJECT, 'dist');
  await execa(process.execPath, [join(PROJECT, 'scripts/bundle.ts'), dist]);
  const source = join(PROJECT, 'plugin/steps/migrate/launcher/run-unless.c');
  await execa('gcc', ['-static', '-Os', '-o', join(dist, 'run-unless'), source]);
  return dist;
}

/** The project's image from its own Dockerfile, `localhost/lifecycle-plugin:<version>`, on a local base image. */
export async function pluginImage(version: string): Promise<Image> {
  const base = await nodeImage();
  const dist = await buildDist();
  const context = mkdtempSync(join(tmpdir(), 'plugin-image-'));
  try {
    mkdirSync(join(context, 'dist'));
    const files = [...LIFECYCLE, 'lifecycle-step.mjs', 'lifecycle-generator.mjs', 'run-unless'];
    for (const file of files) cpSync(join(dist, file), join(context, 'dist', file));
    return await buildImage({
      name: `localhost/lifecycle-plugin:${version}`,
      dockerfile: join(PROJECT, 'Dockerfile'),
      context,
      // V8 writes other bytes each time for the same program.
      inputs: files.filter((file) => !file.endsWith('.cache')).map((file) => join(context, 'dist', file)),
      base,
      buildArguments: { DIST: 'prebuilt', BUILDER: base.name },
    });
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}
