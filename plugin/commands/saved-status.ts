import { parse } from 'yaml';
import { z } from 'zod';
import { API_VERSION } from '../lifecycle/schema.ts';
import { statusSchema, type Status } from '../lifecycle/status.ts';
import { PlacedError } from './failure.ts';
import { readSource } from './lifecycle-file.ts';

/** A Lifecycle as `kubectl get lifecycle NAME -o yaml` (or `-o json`) has saved it. */
interface Saved {
  readonly name: string;
  readonly status: Status;
}

const savedLifecycle = z.object({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('Lifecycle'),
  metadata: z.object({ name: z.string() }),
  status: statusSchema.default({}),
});

/** @throws PlacedError status-unreadable */
export function readSaved(file: string): Saved {
  return read(file, 'a Lifecycle');
}

/**
 * The ledger of a saved Lifecycle.
 * @param name the Lifecycle that it has to be of
 */
export function readStatus(file: string, name: string): Status {
  const saved = read(file, `a Lifecycle named ${name}`);
  if (saved.name !== name) throw unreadable(file, `a Lifecycle named ${name}`);
  return saved.status;
}

function read(file: string, expected: string): Saved {
  try {
    const { metadata, status } = savedLifecycle.parse(parse(Buffer.from(readSource(file)).toString('utf8')));
    return { name: metadata.name, status };
  } catch (error) {
    throw error instanceof PlacedError ? error : unreadable(file, expected);
  }
}

const unreadable = (file: string, expected: string): PlacedError =>
  new PlacedError(file, 'status-unreadable', `expected ${expected}`);
