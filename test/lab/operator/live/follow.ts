import { execa } from 'execa';
import { binaries } from '../../build/binaries.ts';
import { KUBECONFIG } from '../../paths.ts';
import { inNetwork } from '../../process.ts';

/** A kubectl that goes on until it is stopped; calls `line` for each line that it prints. */
export async function follow(args: readonly string[], line: (text: string) => void): Promise<() => Promise<void>> {
  const { path } = await binaries();
  const [file, argv] = inNetwork(path('kubectl'), ['--kubeconfig', KUBECONFIG, ...args]);
  const child = execa(file, argv, { reject: false, buffer: false });
  const reading = (async (): Promise<void> => {
    for await (const text of child) line(text);
  })();
  return async () => {
    child.kill();
    await reading.catch(() => undefined);
    await child;
  };
}
