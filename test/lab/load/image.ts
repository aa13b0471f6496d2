import { join } from 'node:path';
import { bundledImage } from '../build/bundled-image.ts';
import type { Image } from '../build/images.ts';

export const LOAD_IMAGE = 'localhost/load:1';

/** The load generator. */
export const loadImage = (): Promise<Image> =>
  bundledImage({
    name: LOAD_IMAGE,
    entry: join(import.meta.dirname, 'main.ts'),
    dockerfile: join(import.meta.dirname, 'Dockerfile'),
  });
