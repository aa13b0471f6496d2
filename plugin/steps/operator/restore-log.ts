import { textOf } from '../../errors/text-of.ts';
import type { StepContext } from '../ports/step.ts';

const CONTAINER = 'pgbackrest-restore';
const LENGTH = 300;

/**
 * What the operator's restore Job said last of what went wrong: that it failed says the status, why says only its log (PGO names it
 * `<cluster>-pgbackrest-restore`). @returns a clause, or nothing where there is no log to read
 */
export async function restoreLog({ cluster, progress }: StepContext, name: string): Promise<string> {
  try {
    const line = tellingLine(await cluster.jobLog(`${name}-pgbackrest-restore`, CONTAINER));
    return line === '' ? '' : `; its log: ${line}`;
  } catch (error) {
    progress.report(`reading the log of the restore: ${textOf(error)}`);
    return '';
  }
}

/** The last line that tells of an error, pgBackRest's or PostgreSQL's; else the last one. */
export function tellingLine(log: string): string {
  const lines = log
    .split('\n')
    .map((line) => line.replaceAll(/\p{Cc}/gu, ' ').trim())
    .filter((line) => line !== '');
  const telling = lines.findLast((line) => /\b(?:ERROR|FATAL|PANIC)\b/.test(line)) ?? lines.at(-1) ?? '';
  return telling.slice(0, LENGTH);
}
