#!/usr/bin/env node
import process from 'node:process';
import { EXIT } from '../plugin/errors/errors.ts';
import { printer } from '../plugin/print.ts';
import { createParts } from './parts.ts';
import { run } from './run.ts';

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(EXIT.problems);
    stop.abort();
  });
}

void run(process.argv.slice(2), {
  env: process.env,
  now: () => new Date(),
  out: printer(1, () => process.stdout),
  err: printer(2, () => process.stderr),
  createParts,
  onDefect: (listener) => {
    // Node.js itself would print the error as it is, with whatever secret it holds.
    process.on('uncaughtException', (error) => {
      listener(error);
      process.exit(EXIT.internal);
    });
  },
  stop: stop.signal,
}).then((exit) => {
  // What a client left behind, such as a connection that is kept, does not hold the end up.
  process.exit(exit);
});
