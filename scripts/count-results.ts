import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/**
 * Adds up Jest's JSON reports of one run and prints the closing line `N passed, N failed`.
 * A step that failed without a failed test (a linter, a crashed runner) counts as one failure each.
 *
 * Usage: count-results.ts FOLDER FAILED_STEPS — exits 1 on any failure, and when no test ran at all.
 */
const report = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numRuntimeErrorTestSuites: z.int(),
});

const [folder = '', failedSteps = '0'] = process.argv.slice(2);
const reports = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => report.parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))));

const sum = (field: keyof z.output<typeof report>): number => reports.reduce((total, each) => total + each[field], 0);
const passed = sum('numPassedTests');
const failedTests = sum('numFailedTests') + sum('numRuntimeErrorTestSuites');
const failed = Math.max(failedTests, Number(failedSteps));
const skipped = sum('numPendingTests');

process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
