import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RUN } from '../paths.ts';

/** The lab's S3 service, as pods reach it: it knows no host names of buckets, and its CA is its own. */
export const ENDPOINT = 's3.storage.svc';
export const REGION = 'us-east-1';
export const LOGIN = { key: 'lab', secret: 'a-secret-of-the-lab-only' } as const;

const HOME = join(RUN, 's3');
/** A bucket is a folder in it. */
export const BUCKETS = join(HOME, 'buckets');
export const file = (name: 'ca.crt' | 'server.crt' | 'server.key'): string => join(HOME, name);

/** The CA that signed the service's certificate, PEM. */
export const authority = (): string => readFileSync(file('ca.crt'), 'utf8');

/** @returns the folder that holds its objects as files, by their keys. */
export function createBucket(name: string): string {
  const folder = join(BUCKETS, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}
