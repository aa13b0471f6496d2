import type { RepositoryConfig } from '../config/schema.ts';
import { versionsOf } from '../repositories/log.ts';
import type { ReadGit } from '../repositories/git.ts';
import type { Contents } from './contents.ts';
import type { Valid } from './entry.ts';
import { fileIn, YAML, YML } from './folders.ts';
import { namespaceOf } from './namespace.ts';

export interface Searching {
  readonly run: ReadGit;
  readonly contents: Contents;
  readonly repository: RepositoryConfig;
  readonly head: string;
  readonly folder: string;
}

/** Commits that touched the file. */
const MAX_VERSIONS = 500;
/** Most are valid: few have to be read before one is. */
const CHUNK = 16;

/** Every version of the file that was valid, newest first. */
export async function* validVersions({ run, contents, repository, head, folder }: Searching): AsyncGenerator<Valid> {
  const paths = [fileIn(folder, YAML), fileIn(folder, YML)];
  const versions = (await versionsOf(run, head, paths, MAX_VERSIONS)).flatMap(
    ({ commit, committedAt, blobs: [blob, other] }) =>
      blob !== undefined && other === undefined ? [{ commit, committedAt, blob }] : [],
  );
  for (let at = 0; at < versions.length; at += CHUNK) {
    const chunk = versions.slice(at, at + CHUNK);
    const readings = await contents.readingsOf(
      run,
      chunk.map(({ blob }) => blob),
    );
    for (const { commit, committedAt, blob } of chunk) {
      const reading = readings.get(blob);
      const namespace = reading?.ok ? namespaceOf(repository.namespace, folder, reading.facts.name) : undefined;
      if (reading?.ok && namespace !== undefined) yield { facts: reading.facts, namespace, blob, commit, committedAt };
    }
  }
}

/** @returns the newest version that was valid and that is accepted */
export async function lastValid(searching: Searching, accepted: (valid: Valid) => boolean): Promise<Valid | undefined> {
  for await (const valid of validVersions(searching)) if (accepted(valid)) return valid;
  return undefined;
}
