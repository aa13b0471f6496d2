import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { kubectl } from '../../lab/kubectl.ts';
import type { World } from '../world/world.ts';

const PROGRAM = join(import.meta.dirname, '../../../plugin/main.ts');

/** What a user does after a confirmed switch. @returns the file that `lifecycle next` makes of it with the saved ledger. */
export async function lifecycleNext({ name }: World, lifecycle: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lifecycle-next-'));
  const [file, saved] = [join(folder, 'lifecycle.yaml'), join(folder, 'saved.yaml')];
  try {
    await writeFile(file, lifecycle);
    await writeFile(saved, await kubectl(['get', 'lifecycle', 'bestie', '-n', name, '-o', 'yaml']));
    await execa(process.execPath, [PROGRAM, 'next', file, '--status', saved]);
    return await readFile(file, 'utf8');
  } finally {
    await rm(folder, { recursive: true });
  }
}
