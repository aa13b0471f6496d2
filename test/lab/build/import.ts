import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONTAINERD_SOCKET, STATE } from '../paths.ts';
import { execInNetwork } from '../node/network.ts';
import { say } from '../progress.ts';
import type { Image } from './images.ts';

/** Imports images into the lab's containerd; one whose content is there already costs nothing. */
export async function importImages(images: readonly Image[]): Promise<void> {
  const ctr = (...args: string[]): Promise<string> =>
    execInNetwork('ctr', ['-a', CONTAINERD_SOCKET, '-n', 'k8s.io', ...args]);
  const marks = join(STATE, 'imported');
  mkdirSync(marks, { recursive: true });
  const present = new Set((await ctr('images', 'ls', '-q')).split('\n'));
  for (const image of images) {
    const mark = join(marks, image.name.replace(/[/:]/g, '_'));
    if (present.has(image.name) && existsSync(mark) && readFileSync(mark, 'utf8') === image.key) continue;
    await ctr('images', 'import', image.archive);
    writeFileSync(mark, image.key);
    say(`imported ${image.name}`);
  }
}
