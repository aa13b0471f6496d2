import type { Lifecycle } from '../lifecycle/model.ts';
import { placesOf } from '../lifecycle/repository-places.ts';

/** Text that a file has which has one of these places too: its bucket, and one of the names in its path. */
interface Trace {
  readonly bucket: string;
  readonly names: readonly string[];
}

/**
 * Which other files may share a place of backups with these: to read thousands of files, which one change does not touch, would take longer than
 * somebody waits.
 * @returns undefined where none can
 */
export function mayShare(lifecycles: readonly Lifecycle[]): ((source: Uint8Array) => boolean) | undefined {
  const traces = lifecycles.flatMap((lifecycle) => placesOf(lifecycle).map(({ key }) => traceOf(key)));
  if (traces.length === 0) return undefined;
  return (source) => {
    const text = new TextDecoder('latin1').decode(source);
    return traces.some(
      ({ bucket, names }) => text.includes(bucket) && (names.length === 0 || names.some((name) => text.includes(name))),
    );
  };
}

/** @param key `s3 <host> <bucket> <path>`, as placesOf makes it. */
function traceOf(key: string): Trace {
  const words = key.split(' ');
  const path = words.at(-1) ?? '';
  return {
    bucket: words.at(-2) ?? '',
    names: path.split('/').filter((part) => !/^(?:\d*|repo\d|pgbackrest)$/.test(part)),
  };
}
