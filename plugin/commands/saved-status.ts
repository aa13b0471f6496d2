import { parse } from 'yaml';
import { z } from 'zod';
import { API_VERSION } from '../lifecycle/schema.ts';
import { statusSchema, type Status } from '../lifecycle/status.ts';
import { PlacedError } from './failure.ts';
import { readSource } from './lifecycle-file.ts';

/**
 * The ledger as `kubectl get lifecycle NAME -o yaml` (or `-o json`) has saved it.
 * @param name the Lifecycle that it has to be of
 */
export function readStatus(file: string, name: string): Status {
  const savedLifecycle = z.object({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal('Lifecycle'),
    metadata: z.object({ name: z.literal(name) }),
    status: statusSchema.default({}),
  });
  try {
    return savedLifecycle.parse(parse(Buffer.from(readSource(file)).toString('utf8'))).status;
  } catch (error) {
    if (error instanceof PlacedError) throw error;
    throw new PlacedError(file, 'status-unreadable', `expected a Lifecycle named ${name}`);
  }
}
