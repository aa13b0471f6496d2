import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { APPROVAL_KEY, CLUSTER } from '../../lab/argocd/approval-keys.ts';
import type { World } from '../world/world.ts';

const PROGRAM = join(import.meta.dirname, '../../../plugin/main.ts');

/** What approvers do who have no generator. @returns the token of `lifecycle approve`. */
export async function approveLifecycle({ name }: World, lifecycle: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lifecycle-approve-'));
  const file = join(folder, 'lifecycle.yaml');
  try {
    await writeFile(file, lifecycle);
    const where = ['--cluster', CLUSTER, '--namespace', name];
    const args = [
      PROGRAM,
      'approve',
      file,
      '--key',
      APPROVAL_KEY,
      '--approver',
      'alice',
      '--approver',
      'bob',
      ...where,
    ];
    return (await execa(process.execPath, args)).stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}
