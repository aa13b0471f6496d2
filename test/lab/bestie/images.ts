import { join } from 'node:path';
import { bundledImage } from '../build/bundled-image.ts';
import type { Image } from '../build/images.ts';
import { VERSION_NAMES } from './versions.ts';

/** `localhost/bestie:1.3`, `:1.4`, and `:1.4-broken`, whose migration fails half-way. One program; the tag says which. */
export async function bestieImages(): Promise<readonly Image[]> {
  const images: Image[] = [];
  // In turn: the first may build the base that the others find.
  for (const version of VERSION_NAMES) {
    images.push(
      await bundledImage({
        name: `localhost/bestie:${version}`,
        entry: join(import.meta.dirname, 'main.ts'),
        dockerfile: join(import.meta.dirname, 'Dockerfile'),
        buildArguments: { VERSION: version },
      }),
    );
  }
  return images;
}
