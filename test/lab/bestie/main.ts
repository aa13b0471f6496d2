import { setTimeout as delay } from 'node:timers/promises';
import { log } from './log.ts';
import { migrate } from './migrate.ts';
import { serve } from './serve.ts';
import { settingsFrom } from './settings.ts';

/** Kubernetes is not waited for: whatever still runs by then is cut off. */
const LAST_RESORT_MILLISECONDS = 4500;

async function serveUntilTold(): Promise<void> {
  const settings = settingsFrom(process.env);
  const service = await serve(settings);
  process.once('SIGTERM', () => {
    log('SIGTERM');
    setTimeout(() => process.exit(1), LAST_RESORT_MILLISECONDS).unref();
    void service.drain(delay(settings.lameDuckMilliseconds));
  });
}

const COMMANDS: Readonly<Record<string, () => Promise<void>>> = {
  serve: serveUntilTold,
  migrate: () => migrate(settingsFrom(process.env)),
};

const command = COMMANDS[process.argv[2] ?? 'serve'];
if (command) {
  try {
    await command();
  } catch (error) {
    log('failed', { message: error instanceof Error ? error.message : String(error) });
    process.exitCode = 1;
  }
} else {
  process.stderr.write('usage: bestie serve | migrate\n');
  process.exitCode = 2;
}
