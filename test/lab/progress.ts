const started = Date.now();

/** One line for people on standard error, with the seconds since the start. */
export function say(message: string): void {
  process.stderr.write(`${((Date.now() - started) / 1000).toFixed(1).padStart(6)}s ${message}\n`);
}

const seconds = (since: number): string => `${((Date.now() - since) / 1000).toFixed(1)} s`;

/** Runs `work` and says every five seconds that it is still going, so that nobody wonders. */
export async function withProgress<T>(what: string, work: () => Promise<T>): Promise<T> {
  const begun = Date.now();
  const timer = setInterval(() => {
    say(`${what} … ${((Date.now() - begun) / 1000).toFixed(0)} s`);
  }, 5000);
  try {
    const result = await work();
    say(`${what}: done in ${seconds(begun)}`);
    return result;
  } catch (error) {
    say(`${what}: failed after ${seconds(begun)}`);
    throw error;
  } finally {
    clearInterval(timer);
  }
}
