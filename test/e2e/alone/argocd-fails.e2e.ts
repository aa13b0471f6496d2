import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { applyApplication } from '../../lab/argocd/application.ts';
import { NEXT_PLUGIN_VERSION, PLUGIN_VERSION } from '../../lab/argocd/plugin.ts';
import { CONTROLLER, startController, startPlugin, stopPlugin } from '../../lab/argocd/processes.ts';
import { binaries } from '../../lab/build/binaries.ts';
import { listObjects } from '../../lab/kubectl.ts';
import { execInNetwork } from '../../lab/node/network.ts';
import { pidOf, stopProcess } from '../../lab/process.ts';
import { waitFor } from '../../lab/wait-for.ts';
import { firstCommit } from '../scenarios/first-commit.ts';
import { Attempts } from '../world/attempts.ts';
import { startClients } from '../world/clients.ts';
import { expectNothingLost } from '../world/expect-nothing-lost.ts';
import { report } from '../world/report.ts';
import { BLUE, sampleLifecycle } from '../world/sample.ts';
import { ledger, openWorld, waitForLedger, type World } from '../world/world.ts';

/** Faults of what every namespace needs, inside a window: nothing else may run beside them. */
jest.setTimeout(600_000);

interface Pod {
  readonly status: { readonly podIP: string };
}

const SAMPLE = { replicas: 1 };
let world: World;
let attempts: Attempts;

beforeAll(async () => {
  world = await openWorld('argocd-fails', sampleLifecycle(SAMPLE));
  attempts = new Attempts(world, SAMPLE);
  await firstCommit(world);
  await startClients(world, { writers: 2, readers: 1, overriders: 0 });
});

describe('5: Argo CD goes missing, the window ends', () => {
  it('the application controller is killed and not restarted: the keeper ends it at windowBudget', async () => {
    await attempts.next({ windowBudget: '20s' });
    await attempts.decided('Fenced', () => true, 180);
    await stopProcess(CONTROLLER, 'SIGKILL');
    const decision = await attempts.aborted(90);
    expect(decision.reason).toContain('window-over-budget');
    await attempts.expectBlueServes();
    startController(await binaries());
    await attempts.syncFailed();
    expect((await ledger(world)).decision?.state).toBe('Aborted');
    await attempts.expectBlueServes();
    report('5 controller killed', { window: `${decision.windowSeconds?.toFixed(1) ?? '?'} s, budget 20 s` });
  });
});

/** One write of a client to a pod of blue's application, without anything that asks the API server. */
async function writeToPod(ip: string): Promise<boolean> {
  const body = JSON.stringify({ token: `unanswered-${Date.now()}`, name: 'written meanwhile' });
  const answer = ['-s', '-o', '/dev/null', '-w', '%{http_code}', '-m', '5', '-H', 'content-type: application/json'];
  const status = await execInNetwork('curl', [...answer, '-d', body, `http://${ip}:8000/pets`]);
  return status.trim() === '201';
}

describe('5: the API server hangs for longer than the budget', () => {
  it('blue takes writes again meanwhile; when it answers, the ledger says so', async () => {
    const [pod] = await listObjects<Pod>('pods', world.name, `lifecycle.bestie.com/instance=${BLUE}`);
    const server = pidOf('kube-apiserver');
    if (!pod || server === undefined) throw new Error('no pod, or no API server');
    await attempts.next({ windowBudget: '20s' });
    await attempts.fenced();
    process.kill(server, 'SIGSTOP');
    try {
      const what = 'blue takes writes without the API server';
      await waitFor(() => writeToPod(pod.status.podIP), { what, timeoutSeconds: 120 });
    } finally {
      process.kill(server, 'SIGCONT');
    }
    const { reason = '', windowSeconds } = await attempts.aborted(120);
    expect(reason).toContain('window-over-budget');
    report('5 API server hangs', { window: `${windowSeconds?.toFixed(1) ?? '?'} s, budget 20 s`, reason });
    await attempts.syncFailed();
    await attempts.expectBlueServes();
  });
});

describe('7: the plugin is upgraded inside the window', () => {
  it('sidecar and plugin.name together: the window ends, nothing is lost', async () => {
    // Its migration fails: whatever the upgrade leaves of the sync, this attempt does not end in a commit.
    await attempts.next({ windowBudget: '60s', version: '1.4-broken' });
    await attempts.fenced();
    await stopPlugin(PLUGIN_VERSION);
    await startPlugin(await binaries(), NEXT_PLUGIN_VERSION);
    await useVersion(NEXT_PLUGIN_VERSION);
    const ended = await waitForLedger(
      world,
      'ended',
      ({ decision }) =>
        decision?.attempt === attempts.current &&
        (decision.unfenced !== undefined || decision.blueClosed !== undefined),
      180,
    );
    expect(ended.decision?.state).toBe('Aborted');
    await attempts.expectBlueServes();
    await startPlugin(await binaries(), PLUGIN_VERSION);
    await useVersion(PLUGIN_VERSION);
  });

  const useVersion = (pluginVersion: string): Promise<void> =>
    applyApplication({ name: world.name, namespace: world.name, repository: world.repository, pluginVersion });
});

it('no write that was acknowledged through the Service is missing, and no read failed', async () => {
  const { reads } = await expectNothingLost(world, `${BLUE}-pgo`);
  expect(reads.firstFailures).toEqual([]);
});
