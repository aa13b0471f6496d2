import type { ParameterSet } from '../../parameter-set.ts';
import type { RepositoryView } from '../../ports.ts';

/** What the page shows: texts only, each as people read it. */
export interface PageData {
  readonly seenAt: string;
  readonly version: string;
  readonly total: number;
  readonly waiting: readonly WaitingRow[];
  readonly problems: readonly { readonly where: string; readonly text: string }[];
  readonly repositories: readonly RepositoryRows[];
}

interface WaitingRow {
  readonly name: string;
  readonly namespace: string;
  readonly asks: string;
  readonly state: string;
  readonly stateClass: string;
  readonly message: string;
}

interface RepositoryRows {
  readonly url: string;
  readonly fetched: string;
  readonly failure: string;
  readonly revisions: readonly {
    readonly revision: string;
    readonly commit: string;
    readonly files: readonly FileRow[];
  }[];
}

interface FileRow {
  readonly name: string;
  readonly namespace: string;
  readonly path: string;
  readonly plan: string;
  readonly stage: string;
  readonly serves: string;
  readonly next: string;
  readonly state: string;
  readonly stateClass: string;
  /** Empty where the file is valid. */
  readonly lastGood: string;
}

interface Seen {
  readonly now: Date;
  readonly version: string;
}

export function pageData(view: readonly RepositoryView[], { now, version }: Seen): PageData {
  const revisions = view.flatMap(({ url, revisions: each }) => each.map((revision) => ({ url, ...revision })));
  const files = revisions.flatMap((each) => each.files);
  return {
    seenAt: minutes(now),
    version,
    total: files.length,
    waiting: files
      .filter(({ approval: { state } }) => state === 'missing' || state === 'refused')
      .map((file) => ({ ...names(file), asks: asks(file), ...stateOf(file), message: visible(file.approval.message) })),
    problems: revisions.flatMap(({ url, revision, files: ofRevision, problems }) =>
      [...ofRevision.map(({ problem }) => problem).filter((problem) => problem !== ''), ...problems].map((problem) => ({
        where: visible(`${url} ${revision}`),
        text: visible(problem),
      })),
    ),
    repositories: view.map((each) => rowsOf(each, now)),
  };
}

function rowsOf({ url, fetchedAt, failure, revisions }: RepositoryView, now: Date): RepositoryRows {
  return {
    url,
    fetched: fetchedAt ? `${minutes(fetchedAt)}, ${age(fetchedAt, now)} ago` : 'never',
    failure: visible(failure ?? ''),
    revisions: revisions.map(({ revision, commit, files, lastGood }) => ({
      revision: visible(revision),
      commit: visible(commit.slice(0, 12)),
      files: files.map((file): FileRow => {
        const good = lastGood.find(({ path }) => path === file.path);
        return {
          ...names(file),
          path: visible(file.path),
          plan: visible(file.plan),
          stage: visible(file.stage),
          serves: instance(file.blue),
          next: instance(file.green),
          ...stateOf(file),
          lastGood: good ? `${good.commit.slice(0, 12)}, ${age(good.committedAt, now)} old` : '',
        };
      }),
    })),
  };
}

const names = ({ name, namespace }: ParameterSet) => ({ name: visible(name), namespace: visible(namespace) });

const instance = ({ name, version }: ParameterSet['blue']): string => visible(`${name} ${version}`.trim());

const asks = ({ plan, restore }: ParameterSet): string =>
  visible(restore.id === '' ? plan : `${plan} ${restore.id} (${restore.mode})`);

const STATE_CLASS: Readonly<Record<ParameterSet['approval']['state'], string>> = {
  'not needed': '',
  missing: 'bad',
  refused: 'bad',
  given: 'good',
};

const stateOf = ({ approval: { state } }: ParameterSet) => ({ state, stateClass: STATE_CLASS[state] });

/** What turns the direction of text, or cannot be seen, would let a name look like another. */
const visible = (text: string): string => text.replaceAll(/[\p{Cc}\p{Bidi_Control}\u200B-\u200D\uFEFF]/gu, '\uFFFD');

const minutes = (moment: Date): string => `${moment.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

const UNITS = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
] as const;

function age(from: Date, to: Date): string {
  const seconds = Math.max(0, Math.round((to.getTime() - from.getTime()) / 1000));
  const [size, unit] = UNITS.find(([each]) => seconds >= each) ?? [1, 's'];
  return `${Math.floor(seconds / size)} ${unit}`;
}
