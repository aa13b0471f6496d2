import Table from 'cli-table3';
import pc from 'picocolors';
import { firstCommit } from '../e2e/scenarios/first-commit.ts';
import { prepare } from '../e2e/scenarios/prepare.ts';
import { LOAD, seedRows, switchUnderLoad, type SwitchReport } from '../e2e/scenarios/switch-under-load.ts';
import { startClients } from '../e2e/world/clients.ts';
import { sampleLifecycle } from '../e2e/world/sample.ts';
import { openWorld } from '../e2e/world/world.ts';
import { watchWaves } from './live-view.ts';

/**
 * The main job on the lab: a commit brings the application with its database, one rehearses the upgrade, one switches to
 * it while clients read and write. Needs a lab that is up; `make demo` sees to that.
 */
const ROWS = 100_000;
const chapter = (title: string): void => {
  process.stdout.write(`\n${pc.bold(title)}\n`);
};
const seconds = (value: number): string => `${value.toFixed(1)} s`;

const started = Date.now();
const world = await openWorld(`demo-${process.pid}`, sampleLifecycle());

chapter('Commit 1: bestie 1.3 with its database and backups');
const first = await watchWaves(world, firstCommit(world));
await seedRows(world, ROWS);

chapter('Commit 2: stage Prepare, a rehearsal of 1.4 on a clone');
const rehearsal = await watchWaves(world, prepare(world));

chapter('Commit 3: stage Switch, while 4 writers, 4 readers and 3 sessions that override read-only are at work');
await startClients(world, LOAD);
const seen = await watchWaves(world, switchUnderLoad(world));

function result(): Table.Table {
  const { decision, stats, missingOnGreen, onlyOnBlue, versionServed } = seen;
  const table = new Table({ head: ['what', 'seen'], style: { head: [], border: [] } });
  table.push(
    ['first commit until Synced and Healthy', seconds(first.seconds)],
    ['rows before the switch', ROWS.toLocaleString('en')],
    ['window that the rehearsal expected', seconds(rehearsal.expectedWindowSeconds ?? 0)],
    [pc.bold('window: clients could not write for'), pc.bold(seconds(decision.windowSeconds ?? 0))],
    ...Object.entries(decision.window ?? {}).map(([part, value]) => [`  ${part}`, seconds(value)]),
    ['writes acknowledged through the Service', stats.service.acknowledged.toLocaleString('en')],
    ['writes acknowledged by blue directly', stats.direct.acknowledged.toLocaleString('en')],
    [pc.bold('acknowledged and missing on green'), pc.bold(String(missingOnGreen.length))],
    [pc.bold('written on blue after the restore point'), pc.bold(String(onlyOnBlue))],
    [
      pc.bold('failed reads'),
      pc.bold(`${stats.reads.failed} of ${(stats.reads.ok + stats.reads.failed).toLocaleString('en')}`),
    ],
    ['version that answers now', versionServed],
    ['all of it took', seconds((Date.now() - started) / 1000)],
  );
  return table;
}

const isGood = ({ missingOnGreen, onlyOnBlue, stats, versionServed }: SwitchReport): boolean =>
  missingOnGreen.length === 0 && onlyOnBlue === 0 && stats.reads.failed === 0 && versionServed === '1.4';

process.stdout.write(`\n${result().toString()}\n`);
process.exitCode = isGood(seen) ? 0 : 1;
