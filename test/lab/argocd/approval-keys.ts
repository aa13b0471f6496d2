import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { newKey, publicPart } from '../../../plugin/approval/keys.ts';
import { RUN } from '../paths.ts';

/** The lab's cluster, as its approvals name it. */
export const CLUSTER = 'lab';

/** Private key of the lab's approvers, where `lifecycle approve` reads it. */
export const APPROVAL_KEY = join(RUN, 'approval-key.json');

/** What the plugin trusts, made with the first plugin that is started. @returns the file. */
export async function approvalKeys(): Promise<string> {
  const file = join(RUN, 'approval-keys.json');
  if (existsSync(file)) return file;
  mkdirSync(dirname(file), { recursive: true });
  const key = await newKey();
  writeFileSync(APPROVAL_KEY, JSON.stringify(key), { mode: 0o600 });
  writeFileSync(file, JSON.stringify({ keys: [publicPart(key)] }));
  return file;
}
