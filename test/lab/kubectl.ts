import { execa } from 'execa';
import { binaries } from './build/binaries.ts';
import { KUBECONFIG } from './paths.ts';
import { inNetwork } from './process.ts';
import { waitFor } from './wait-for.ts';

/** Runs kubectl as cluster-admin in the lab's network; rejects with what kubectl wrote to standard error. */
export async function kubectl(args: readonly string[], input?: string): Promise<string> {
  const { path } = await binaries();
  const [file, argv] = inNetwork(path('kubectl'), ['--kubeconfig', KUBECONFIG, ...args]);
  const { stdout } = await execa(file, argv, input === undefined ? {} : { input });
  return stdout;
}

/** An object as plain data; undefined when there is none. */
export async function getObject<T>(kind: string, name: string, namespace: string): Promise<T | undefined> {
  const text = await kubectl(['get', kind, name, '-n', namespace, '-o', 'json', '--ignore-not-found']);
  return text === '' ? undefined : (JSON.parse(text) as T);
}

export async function listObjects<T>(kind: string, namespace: string, selector?: string): Promise<readonly T[]> {
  const by = selector === undefined ? [] : ['-l', selector];
  const text = await kubectl(['get', kind, '-n', namespace, '-o', 'json', ...by]);
  return (JSON.parse(text) as { items: readonly T[] }).items;
}

/** Applies objects server-side. */
export async function apply(objects: readonly unknown[]): Promise<void> {
  await kubectl(['apply', '--server-side', '-f', '-'], objects.map((object) => JSON.stringify(object)).join('\n---\n'));
}

/** Until the API server serves a CRD; right after its creation `kubectl wait` fails on a status that is not there yet. */
export async function waitForCrd(name: string): Promise<void> {
  await waitFor(() => kubectl(['wait', '--for=condition=Established', `crd/${name}`, '--timeout=10s']), {
    what: `CRD ${name} established`,
    timeoutSeconds: 120,
  });
}
