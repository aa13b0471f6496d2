import { setImmediate } from 'node:timers/promises';
import { blobsOf } from '../repositories/blobs.ts';
import type { ReadGit } from '../repositories/git.ts';
import { createRecent } from './recent.ts';
import { readContent, wrong, type Reading } from './reading.ts';

/** What contents say, by their ids in git: what was read once is not read again, in whatever repository, branch or commit it stands. */
export interface Contents {
  readonly readingsOf: (run: ReadGit, blobs: readonly string[]) => Promise<ReadonlyMap<string, Reading>>;
}

/** Other calls, and probes, are answered in between. */
const BREATH_MS = 20;

/** @param most how many are kept */
export function createContents(most: number): Contents {
  const kept = createRecent<string, Reading>(most);

  async function read(run: ReadGit, blobs: readonly string[], into: Map<string, Reading>): Promise<void> {
    let breath = performance.now();
    for await (const chunk of blobsOf(run, blobs))
      for (const [blob, content] of chunk) {
        const reading =
          content instanceof Uint8Array
            ? readContent(content)
            : wrong('file-too-large', `it has ${content.bytes} bytes`);
        kept.set(blob, reading);
        into.set(blob, reading);
        if (performance.now() - breath < BREATH_MS) continue;
        await setImmediate();
        breath = performance.now();
      }
  }

  return {
    readingsOf: async (run, blobs) => {
      const found = new Map<string, Reading>();
      const missing = new Set<string>();
      for (const blob of blobs) {
        const reading = kept.get(blob);
        if (reading) found.set(blob, reading);
        else missing.add(blob);
      }
      await read(run, [...missing], found);
      return found;
    },
  };
}
