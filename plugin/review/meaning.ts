import { isBeside } from '../plan/steps.ts';
import { listed, say, type Words } from './page.ts';
import { folderOf } from './paths.ts';
import type { FileReview } from './review.ts';

/** What a change of a file means that its fields and its plan do not say by themselves. */
export function meaningOf(file: FileReview): readonly Words[] {
  const { change, before, after, objects, templates } = file;
  return [
    ...(change === 'added' ? added(file) : []),
    ...(change === 'removed' ? removed(file) : []),
    ...(change === 'moved' ? moved(file) : []),
    ...(before && after ? [...renamed(before.lifecycle, after.lifecycle), ...served(file), ...ended(file)] : []),
    ...(change !== 'removed' && change !== 'added' && after && !before
      ? [['What it was before cannot be read: no fields are compared.']]
      : []),
    ...(templates.length > 0
      ? [
          say`Templates of its own: ${listed(templates.map((each) => `${each.change} ${each.path}`))}. They are not run here: lifecycle generate shows what they render.`,
        ]
      : []),
    ...(objects.come.length > 0 && change !== 'added' ? [say`Rendered from now on: ${listed(objects.come)}.`] : []),
    ...(objects.go.length > 0 && change !== 'removed' ? [say`Not rendered any more: ${listed(objects.go)}.`] : []),
    ...(before && after ? [digests(before.digest, after.digest)] : []),
  ];
}

const digests = (before: string, after: string): Words =>
  before === after
    ? say`The plan is still ${after}: steps that are done are not run again.`
    : say`Another plan: ${before} → ${after}. Its steps run, each once.`;

const added = ({ path, after }: FileReview): readonly Words[] =>
  after === undefined
    ? []
    : [
        say`New. An ApplicationSet that lists ${folderOf(path)} makes an Application of it.`,
        ...(after.plan === 'AtRest'
          ? [say`The database of ${after.blue.name} is made, empty, where its namespace has none.`]
          : []),
      ];

const removed = ({ path, before }: FileReview): readonly Words[] => [
  say`The file is gone, and nothing of it is: with create-update and preserveResourcesOnDeletion, as argocd/generator has them, its Application stays, and so do the database, its backups and the application. Nothing in ${folderOf(path)} can be rendered any more, so that its syncs fail.`,
  say`A person has to decide: bring the file back, or delete the Application and then what is not wanted any more${before ? say`, ${before.blue.name} and its backups last` : []}.`,
];

const moved = ({ path, from = path }: FileReview): readonly Words[] => [
  say`Moved from ${folderOf(from)} to ${folderOf(path)}. Where name or namespace of the Application follow from the folder, this is another Application: in another namespace it makes a new, empty database, while the old one stays without a file. Move the folder only where both stay the same, or bring the data over by a restore beside.`,
];

const renamed = (before: string, after: string): readonly Words[] =>
  before === after
    ? []
    : [
        say`The Lifecycle is called ${after}, and was ${before}: another object, whose status starts empty. What the old one has on record (what serves, restores that were done) is not known to it.`,
      ];

/** Another instance that serves, where no switch leads there. */
function served({ before, after, fields }: FileReview): readonly Words[] {
  if (!before || !after) return [];
  const [old, now] = [before.blue.name, after.blue.name];
  const notes: Words[] = [];
  if (old !== now)
    notes.push(
      before.green?.name === now
        ? say`${now} is the instance that serves from now on, as the file before says: right only where the switch to it was confirmed.`
        : say`${now} serves in the place of ${old}, and nothing switches to it: its database is made, empty, where there is none. To keep the data, switch by green.`,
    );
  const paths = fields.filter(({ field }) => field.includes('repositoryPaths')).map(({ field }) => field);
  if (old === now && paths.length > 0)
    notes.push(
      say`${listed(paths)}: a path is for the life of an instance. Backups and archive of before are not found under another one.`,
    );
  return notes;
}

/** A request that is taken out of the file. */
function ended({ before, after }: FileReview): readonly Words[] {
  if (!before || !after) return [];
  if (isBeside(before.plan) && !isBeside(after.plan) && before.green && after.blue.name !== before.green.name)
    return [
      say`The restore beside is taken out: ${before.green.name} goes, with its database, unless clients were led to it.`,
    ];
  if (before.plan === 'Prepare' && after.plan === 'AtRest') return [['The rehearsal is over: its clone goes.']];
  if (before.plan === 'Switch' && after.plan === 'AtRest' && after.blue.name === before.blue.name)
    return [['The switch is taken out: right only where it has not begun, or was undone.']];
  return [];
}
