import { LifecycleError } from '../../errors/errors.ts';
import type { DatabaseHost } from '../../restorable/database-host.ts';

/** The operator gives every cluster's stanza this name (PGO, `DefaultStanzaName`). */
export const STANZA = 'db';

export const unreadable = (repository: string, detail: string): LifecycleError =>
  new LifecycleError('restore-repository-unreadable', `${repository}: ${detail}`);

/** The words of a command for one repository; the container's configuration knows host and credentials. */
const words = (repository: string, command: string, args: readonly string[]): readonly string[] => [
  'pgbackrest',
  command,
  `--repo=${repository.replace('repo', '')}`,
  // What the user's configuration logs must not stand between the lines that are read.
  '--log-level-console=off',
  '--log-level-stderr=error',
  // The one command that reads a repository rather than a stanza.
  ...(command === 'repo-ls' ? [] : [`--stanza=${STANZA}`]),
  ...args,
];

/**
 * @param repository `repo1` to `repo4`. @returns what the command printed.
 * @throws LifecycleError restore-repository-unreadable.
 */
export async function pgBackRest(
  host: DatabaseHost,
  repository: string,
  command: 'info' | 'repo-ls',
  ...args: readonly string[]
): Promise<string> {
  const { failed, stdout, stderr } = await host.run(() => [words(repository, command, args)]);
  if (failed) throw unreadable(repository, `pgbackrest ${command}: ${stderr.trim()}`);
  return stdout;
}

/**
 * Reads a file of the archive through another program. @param name of a segment or a history file.
 * @param reader its words; the file's path is added. @returns what that printed, whether it failed or not.
 * @throws LifecycleError restore-repository-unreadable.
 */
export const readArchived = (
  host: DatabaseHost,
  repository: string,
  name: string,
  reader: readonly string[],
): Promise<string> => readSegments(host, repository, [name], (folder) => [...reader, `${folder}/${name}`]);

/**
 * Reads files of the archive through another program.
 * @param reader its words, given the folder that holds the files. @returns what it printed, whether it failed or not.
 * @throws LifecycleError restore-repository-unreadable where one of the files is not there.
 */
export async function readSegments(
  host: DatabaseHost,
  repository: string,
  names: readonly string[],
  reader: (folder: string) => readonly string[],
): Promise<string> {
  const get =
    (folder: string) =>
    (name: string): readonly string[] =>
      // Not by way of the spool of the server's own archive_command.
      words(repository, 'archive-get', ['--no-archive-async', name, `${folder}/${name}`]);
  const { failed, stdout, stderr } = await host.run((folder) => names.map(get(folder)), reader);
  if (failed) throw unreadable(repository, `${names.join(', ')}: ${stderr.trim() || 'not in the archive'}`);
  return stdout;
}
