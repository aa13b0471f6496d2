import { join } from 'node:path';
import { execa } from 'execa';
import { KUBECONFIG, PROJECT } from '../../lab/paths.ts';
import { inNetwork } from '../../lab/process.ts';
import type { World } from '../world/world.ts';

/** What a person's commands print who may read the cluster: the bundle, as the image has it. @returns its JSON. */
export async function lifecycleJson({ name }: World, command: 'status' | 'restorable'): Promise<unknown> {
  const program = join(PROJECT, 'dist/lifecycle.cjs');
  const [file, args] = inNetwork(process.execPath, [program, command, 'bestie', '-n', name, '-o', 'json']);
  const { stdout } = await execa(file, args, { env: { KUBECONFIG } });
  return JSON.parse(stdout) as unknown;
}
