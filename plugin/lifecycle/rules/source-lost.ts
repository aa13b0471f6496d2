import type { Draft } from '../draft.ts';
import { when, type Rule } from './rule.ts';

/** What is gone serves nobody, and its volumes are gone with it. */
export const sourceLost: Rule = ({ spec }) => {
  const restore = spec?.restore;
  if (restore?.sourceLost === undefined || restore.mode !== 'Clone') return [];
  const repository = spec?.backup?.repositories?.find((each) => each?.name === restore.repository);
  return [
    ...when(restore.stage === 'Prepare', () => ({
      code: 'field-not-for-mode',
      path: ['spec', 'restore', 'sourceLost'],
      at: 'key',
      detail: 'stage Prepare is beside what serves, and nothing does; write stage: Switch',
    })),
    ...when(repository !== undefined && isVolume(repository), () => ({
      code: 'source-lost-volume',
      path: ['spec', 'restore', 'repository'],
      detail: `${restore.repository ?? ''} was a volume of the database that is gone`,
    })),
  ];
};

type DraftRepository = NonNullable<
  NonNullable<NonNullable<NonNullable<Draft['spec']>['backup']>['repositories']>[number]
>;

const isVolume = (repository: DraftRepository): boolean => repository.volume !== undefined;
