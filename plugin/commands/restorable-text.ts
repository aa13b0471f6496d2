import Table from 'cli-table3';
import picocolors from 'picocolors';
import type { RepositoryView, RestorableView } from './restorable-view.ts';

/** Tables for a terminal: ranges and backups of each repository, and what can be undone. */
export function restorableTable(
  { lifecycle, namespace, instance, archivedUntil, repositories, undo }: RestorableView,
  colours: boolean,
): string {
  const { bold, red } = picocolors.createColors(colours);
  const of = (repository: RepositoryView): readonly string[] => [
    '',
    bold(repository.name),
    ...(repository.problem === undefined ? [] : [red(repository.problem)]),
    ...(repository.problem === undefined && repository.ranges.length === 0 ? ['No moment can be restored to.'] : []),
    ...(repository.ranges.length === 0 ? [] : [rangesTable(repository)]),
    ...(repository.backups.length === 0 ? [] : [backupsTable(repository)]),
  ];
  return [
    bold(`${lifecycle} in ${namespace}: what of ${instance} can be restored`),
    ...(archivedUntil === undefined
      ? []
      : [red(`The server cannot archive: what it wrote since ${archivedUntil} is in no repository.`)]),
    ...repositories.flatMap(of),
    '',
    ...undo.map(({ id, until }) => `target: { undo: ${id} } brings back what was there until ${until}`),
    ...(undo.length === 0 ? ['There is no restore to undo.'] : []),
    '',
  ].join('\n');
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const result = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  for (const row of rows) result.push([...row]);
  return result.toString();
};

const rangesTable = ({ ranges }: RepositoryView): string =>
  table(
    ['target: { time: … } from', 'to', 'then'],
    ranges.map(({ from, to, gap }, index) => [
      from,
      to,
      gap === undefined ? (index === ranges.length - 1 ? 'goes on' : '') : `${gap} is missing`,
    ]),
  );

const backupsTable = ({ backups }: RepositoryView): string =>
  table(
    ['target: { backup: … }', 'type', 'from', 'to', ''],
    backups.map(({ label, type, startedAt, stoppedAt, damaged }) => [
      label,
      type,
      startedAt,
      stoppedAt,
      damaged ? 'damaged' : '',
    ]),
  );
