import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitForLogin } from '../../../plugin/steps/database/wait-for-login.ts';
import { closeGreenAfterMigration, openGreenToMigration } from '../../../plugin/steps/migrate/green.ts';
import { createMigrateGuard } from '../../../plugin/steps/migrate/migrate-guard.ts';
import { createMigrateRecord } from '../../../plugin/steps/migrate/migrate-record.ts';
import type { Evidence, StepContext } from '../../../plugin/steps/ports/step.ts';

/** The containers of a migration's pod before and after the migration itself, as they run there. */
export async function migrating(context: StepContext): Promise<Evidence> {
  const folder = mkdtempSync(join(tmpdir(), 'launcher-'));
  const program = join(folder, 'program');
  writeFileSync(program, '');
  try {
    return await createMigrateGuard({ program, folder }, { waitForLogin, openGreen: openGreenToMigration })(context);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const recorded = createMigrateRecord(closeGreenAfterMigration);
