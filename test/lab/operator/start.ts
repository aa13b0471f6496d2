import { join } from 'node:path';
import { kubectl, waitForCrd } from '../kubectl.ts';
import { STATE } from '../paths.ts';
import { startProcess } from '../process.ts';

export const OPERATOR = 'postgres-operator';
const CRD = 'postgresclusters.postgres-operator.crunchydata.com';

/** Applies the CRD and starts the stand-in for the Crunchy operator, unless it runs already. */
export async function startOperator(): Promise<void> {
  await kubectl(['apply', '--server-side', '--force-conflicts', '-f', join(import.meta.dirname, 'crd.yaml')]);
  await waitForCrd(CRD);
  startProcess({
    name: OPERATOR,
    command: process.execPath,
    args: [join(import.meta.dirname, 'main.ts')],
    env: {
      KUBECONFIG: join(STATE, 'certs/operator.kubeconfig'),
      NODE_EXTRA_CA_CERTS: join(STATE, 'certs/ca.crt'),
    },
  });
}
