import { hash } from 'node:crypto';
import { NotWhole } from './failure.ts';
import type { ReadGit } from './git.ts';

/** A lifecycle file may have this much (plugin/lifecycle/source/decode.ts); more is not even read. */
const MAX_BYTES = 1024 * 1024;

/** What is said of a file that is too large to be read. */
interface TooLarge {
  readonly bytes: number;
}

/** Read at the same time. */
const MAX_CHUNK_BYTES = 8 * 1024 * 1024;

export type Blob = readonly [id: string, content: Uint8Array | TooLarge];

/**
 * Contents by id, some MiB at a time; each is one that hashes to its id, or this throws: a disk may give back something else than was
 * written. What has more than a lifecycle file may have is not read.
 */
export async function* blobsOf(run: ReadGit, ids: readonly string[]): AsyncGenerator<readonly Blob[]> {
  if (ids.length === 0) return;
  const sizes = await sizesOf(run, ids);
  const small: string[] = [];
  let bytes = 0;
  for (const [index, id] of ids.entries()) {
    const size = sizes[index] ?? 0;
    if (size > MAX_BYTES) {
      yield [[id, { bytes: size }]];
      continue;
    }
    small.push(id);
    bytes += size;
    if (bytes > MAX_CHUNK_BYTES) {
      yield await readTogether(run, small.splice(0));
      bytes = 0;
    }
  }
  if (small.length > 0) yield await readTogether(run, small);
}

async function readTogether(run: ReadGit, ids: readonly string[]): Promise<readonly Blob[]> {
  const contents = contentsOf(await run(['cat-file', '--batch'], lines(ids)), ids);
  return ids.map((id, index) => [id, contents[index] ?? missing(id)]);
}

/** All of them at once: for few. */
export async function readBlobs(
  run: ReadGit,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array | TooLarge>> {
  const found = new Map<string, Uint8Array | TooLarge>();
  for await (const chunk of blobsOf(run, ids)) for (const [id, content] of chunk) found.set(id, content);
  return found;
}

const lines = (ids: readonly string[]): string => ids.map((id) => `${id}\n`).join('');

async function sizesOf(run: ReadGit, ids: readonly string[]): Promise<readonly number[]> {
  const output = (await run(['cat-file', '--batch-check'], lines(ids))).toString().split('\n');
  return ids.map((id, index) => {
    const [found, type, size] = (output[index] ?? '').split(' ');
    return found === id && type === 'blob' && size !== undefined ? Number(size) : missing(id);
  });
}

/** `<id> blob <size>\n<content>\n` for each, in their order. */
function contentsOf(output: Buffer, ids: readonly string[]): readonly Uint8Array[] {
  let at = 0;
  return ids.map((id) => {
    const end = output.indexOf(0x0a, at);
    const [found, type, size] = output.toString('latin1', at, Math.max(at, end)).split(' ');
    if (end === -1 || found !== id || type !== 'blob') return missing(id);
    const content = output.subarray(end + 1, end + 1 + Number(size));
    at = end + 2 + Number(size);
    if (content.length !== Number(size) || idOf(content, id) !== id) return missing(id);
    return content;
  });
}

const idOf = (content: Uint8Array, like: string): string =>
  hash(like.length === 40 ? 'sha1' : 'sha256', Buffer.concat([Buffer.from(`blob ${content.length}\0`), content]));

function missing(id: string): never {
  throw new NotWhole(`${id} is missing`);
}
