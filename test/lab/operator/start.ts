import { join } from 'node:path';
import type { Binaries } from '../build/binaries.ts';
import { execInNetwork } from '../node/network.ts';
import { KUBECONFIG, STATE } from '../paths.ts';
import { startProcess } from '../process.ts';

const CRD = 'crd/postgresclusters.postgres-operator.crunchydata.com';

/** Applies the CRD and starts the stand-in for the Crunchy operator, unless it runs already. */
export async function startOperator({ path }: Binaries): Promise<void> {
  const kubectl = (...args: string[]): Promise<string> =>
    execInNetwork(path('kubectl'), ['--kubeconfig', KUBECONFIG, ...args]);
  await kubectl('apply', '--server-side', '--force-conflicts', '-f', join(import.meta.dirname, 'crd.yaml'));
  await kubectl('wait', '--for=condition=Established', CRD, '--timeout=30s');
  startProcess({
    name: 'postgres-operator',
    command: process.execPath,
    args: [join(import.meta.dirname, 'main.ts')],
    env: { KUBECONFIG: join(STATE, 'certs/operator.kubeconfig') },
  });
}
