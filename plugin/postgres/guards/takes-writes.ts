import { effectiveSetting } from '../effective-setting.ts';
import { readRoleSettings } from '../roles.ts';
import type { ServerGuard } from './guard.ts';

/** As PostgreSQL reads a boolean: any beginning of a word that is of no other word. */
const ON = /^(1|on|t|tr|tru|true|y|ye|yes)$/i;

/**
 * A setting that somebody left behind would be recorded as it is, put back after the commit, and leave green without
 * writes. Only the application's own role has to write: one for reports may well be read-only.
 */
export const takesWrites: ServerGuard = async ({ session, request, roles }) => {
  const { user, databases } = request.database;
  const before = roles ?? (await readRoleSettings(session));
  const problems: string[] = [];
  for (const database of databases) {
    const name = 'default_transaction_read_only';
    const setting = await effectiveSetting(session, before, { role: user, database, name });
    if (setting !== undefined && ON.test(setting.value)) {
      problems.push(`role ${user} is read-only in database ${database}, and green would be, too: ${setting.reset}`);
    }
  }
  return problems;
};
