import type { Draft } from '../draft.ts';
import type { Finding } from '../finding.ts';
import { when, type Rule } from './rule.ts';

const TARGETS = ['time', 'backup', 'latest', 'undo'] as const;

export const greenOrRestore: Rule = ({ spec }) =>
  when(spec?.green !== undefined && spec.restore !== undefined, () => ({
    code: 'green-with-restore',
    path: ['spec', 'restore'],
    at: 'key',
    detail: 'green stands in the file as well',
  }));

/** acceptDataLoss is an answer to one question only, which no other stage asks. */
export const rollbackFields: Rule = ({ spec }) =>
  when(spec?.green?.acceptDataLoss !== undefined && spec.green.stage !== 'Rollback', () => ({
    code: 'field-not-for-mode',
    path: ['spec', 'green', 'acceptDataLoss'],
    at: 'key',
    detail: 'only stage Rollback can lose data',
  }));

type RestoreDraft = NonNullable<NonNullable<Draft['spec']>['restore']>;

export const restoreFields: Rule = ({ spec }) => {
  const restore = spec?.restore;
  if (!restore) return [];
  return [...targets(restore.target), ...undoes(restore), ...cloneFields(restore)];
};

function targets(target: object | undefined): readonly Finding[] {
  if (target === undefined) return [];
  const present = TARGETS.filter((each) => each in target);
  const path = ['spec', 'restore', 'target'];
  if (present.length === 1) return [];
  const detail = present.length === 0 ? 'there is none' : `${present.join(' and ')} stand beside each other`;
  return [{ code: 'restore-target', path, detail }];
}

/** It goes back to the restore point that was made before another one. */
function undoes({ id, mode, target }: RestoreDraft): readonly Finding[] {
  const path = ['spec', 'restore', 'target', 'undo'];
  if (target?.undo === undefined) return [];
  if (mode === 'Clone') return [{ code: 'field-not-for-mode', path, at: 'key', detail: 'only mode InPlace has it' }];
  return target.undo === id ? [{ code: 'restore-target', path, detail: 'it names this restore itself' }] : [];
}

/** A clone is a new instance that goes through stages; a restore in place is none. */
const CLONE_NEEDS = ['name', 'stage'] as const;
const CLONE_ONLY = [
  ...CLONE_NEEDS,
  'windowBudget',
  'acceptLostSlots',
  'acceptBackgroundWorkers',
  'sourceLost',
  'repositoryPaths',
] as const;

function cloneFields(restore: { readonly mode?: string | undefined }): readonly Finding[] {
  if (restore.mode === 'Clone') {
    return CLONE_NEEDS.filter((field) => !(field in restore)).map((field) => ({
      code: 'missing-field',
      path: ['spec', 'restore', field],
      detail: `mode Clone needs ${field}`,
    }));
  }
  if (restore.mode !== 'InPlace') return [];
  return CLONE_ONLY.filter((field) => field in restore).map((field) => ({
    code: 'field-not-for-mode',
    path: ['spec', 'restore', field],
    at: 'key',
    detail: 'only mode Clone has it',
  }));
}
