import { expect } from '@jest/globals';
import { ANNOTATION } from '../../../plugin/plan/labels.ts';
import { applicationStatus, refresh } from '../../lab/argocd/application.ts';
import { getObject, kubectl, listObjects } from '../../lab/kubectl.ts';
import { waitFor } from '../../lab/wait-for.ts';
import { BLUE } from '../world/sample.ts';
import type { World } from '../world/world.ts';

const CLUSTER = `${BLUE}-pgo`;

/** Deletes blue's database against the policies, as somebody does who means another one; its volumes are gone with it. */
export async function loseDatabase({ name }: World): Promise<void> {
  const broken = `${ANNOTATION.breakGlass}=2126-01-31T18:00:00Z a test`;
  await kubectl(['annotate', 'postgrescluster', CLUSTER, '-n', name, broken]);
  await kubectl(['delete', 'postgrescluster', CLUSTER, '-n', name]);
  const left = (): Promise<readonly unknown[]> =>
    listObjects('persistentvolumeclaims', name, `postgres-operator.crunchydata.com/cluster=${CLUSTER}`);
  await waitFor(async () => (await left()).length === 0, { what: `end of ${CLUSTER}'s volumes`, timeoutSeconds: 60 });
}

/** Argo CD wants it back as the file has it, and is refused. */
export async function expectNotMadeAgain({ name }: World): Promise<void> {
  await refresh(name, 'normal');
  await waitFor(
    async () => {
      const { operation } = await applicationStatus(name);
      return JSON.stringify(operation ?? {}).includes('would be an empty one');
    },
    { what: 'the refusal', timeoutSeconds: 120 },
  );
  expect(await getObject('postgrescluster', CLUSTER, name)).toBeUndefined();
}
