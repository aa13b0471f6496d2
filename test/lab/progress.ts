const started = Date.now();

/** One line for people on standard error, with the seconds since the start. */
export function say(message: string): void {
  process.stderr.write(`${((Date.now() - started) / 1000).toFixed(1).padStart(6)}s ${message}\n`);
}

/** Runs `work` and says every five seconds that it is still going, so that nobody wonders. */
export async function withProgress<T>(what: string, work: () => Promise<T>): Promise<T> {
  const begun = Date.now();
  const timer = setInterval(() => {
    say(`${what} … ${((Date.now() - begun) / 1000).toFixed(0)} s`);
  }, 5000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    say(`${what}: done in ${((Date.now() - begun) / 1000).toFixed(1)} s`);
  }
}
