import { Cron } from 'croner';
import type { Rule } from './rule.ts';

/** What Kubernetes' cron parser (robfig/cron v3) reads in a field: numbers, `*`, `?`, ranges, steps, lists. */
const FIELD = /^[0-9*?,/-]{1,64}$/;
/** Names that a field may hold besides, by its place. Croner's L, W and # are not among Kubernetes' letters. */
const NAMES: readonly (RegExp | undefined)[] = [
  undefined,
  undefined,
  undefined,
  /\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\b/gi,
  /\b(?:sun|mon|tue|wed|thu|fri|sat)\b/gi,
];
const DAY_OF_WEEK = 4;

/** A fixed moment: whether a schedule ever comes up must not depend on when the file is read. */
const SOME_TIME = new Date(Date.UTC(2024, 0, 1));

/** Schedules as Kubernetes accepts them, without its @ short forms and time zones. */
export const schedules: Rule = ({ spec }) =>
  (spec?.backup?.repositories ?? []).flatMap((repository, index) =>
    Object.entries(repository?.schedules ?? {}).flatMap(([type, schedule]) => {
      const detail = typeof schedule === 'string' ? complaint(schedule) : undefined;
      const path = ['spec', 'backup', 'repositories', index, 'schedules', type];
      return detail === undefined ? [] : [{ code: 'bad-cron', path, detail }];
    }),
  );

function complaint(schedule: string): string | undefined {
  const fields = schedule.trim().split(/[ \t]+/);
  if (fields.length !== 5) return `it has ${fields.length} of 5 fields`;
  const numbers = fields.map((field, place) => field.replaceAll(NAMES[place] ?? /(?!)/g, '0'));
  if (!numbers.every((field) => FIELD.test(field))) return 'a field holds what Kubernetes does not know';
  const days = (fields[DAY_OF_WEEK] ?? '').split(',').map((range) => range.replace(/\/.*/, ''));
  if (days.some((range) => /\b0*7\b/.test(range))) return 'Kubernetes counts the days of the week from 0 to 6';
  return neverFires(fields.join(' '));
}

function neverFires(schedule: string): string | undefined {
  try {
    const cron = new Cron(schedule, { mode: '5-part', sloppyRanges: true, paused: true, utcOffset: 0 });
    return cron.nextRun(SOME_TIME) ? undefined : 'it never comes up';
  } catch {
    return 'a field is out of its range or cannot be read';
  }
}
