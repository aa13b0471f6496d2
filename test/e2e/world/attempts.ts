import { expect } from '@jest/globals';
import type { Decision, Status } from '../../../plugin/lifecycle/status.ts';
import { applicationStatus } from '../../lab/argocd/application.ts';
import { getObject } from '../../lab/kubectl.ts';
import { waitFor } from '../../lab/wait-for.ts';
import { BLUE, sampleLifecycle, type SampleOptions } from './sample.ts';
import { sql } from './sql.ts';
import { commitLifecycle, ledger, waitForLedger, type World } from './world.ts';

interface Service {
  readonly spec: { readonly selector: Readonly<Record<string, string>> };
}

/** The instance that the traffic Service selects. */
export async function selected({ name }: World): Promise<string | undefined> {
  const service = await getObject<Service>('service', 'bestie', name);
  return service?.spec.selector['lifecycle.bestie.com/instance'];
}

/** Attempts of one switch, one after the other, in one world. */
export class Attempts {
  readonly world: World;
  /** What every one of them commits besides. */
  readonly #sample: SampleOptions;
  /** The number of the one that runs. */
  current = 0;

  constructor(world: World, sample: SampleOptions) {
    this.world = world;
    this.#sample = sample;
  }

  /** Commits the next one. */
  async next(options: { readonly version?: string; readonly windowBudget?: string } = {}): Promise<void> {
    this.current += 1;
    await commitLifecycle(this.world, this.file(options), `Attempt ${this.current}`);
  }

  /** The lifecycle file of the current one. */
  file(options: { readonly version?: string; readonly windowBudget?: string } = {}): string {
    return sampleLifecycle({ ...this.#sample, green: { stage: 'Switch', attempt: this.current, ...options } });
  }

  /** Until its decision is so; `complete` looks at more of it than the state. */
  async decided(
    state: Decision['state'],
    complete: (decision: Decision) => boolean,
    timeoutSeconds: number,
  ): Promise<Decision> {
    const says = ({ decision }: Status): boolean =>
      decision?.attempt === this.current && decision.state === state && complete(decision);
    const { decision } = await waitForLedger(this.world, state, says, timeoutSeconds);
    if (!decision) throw new Error('no decision');
    return decision;
  }

  /** Until the fence stands: its restore point is archived. */
  fenced(): Promise<Decision> {
    return this.decided('Fenced', ({ fence }) => fence !== undefined, 240);
  }

  /** Until the abort is complete, with blue open again. */
  aborted(timeoutSeconds: number): Promise<Decision> {
    return this.decided('Aborted', ({ unfenced }) => unfenced !== undefined, timeoutSeconds);
  }

  /** Until this step of it is on record as done. */
  stepDone(step: string, timeoutSeconds: number): Promise<Status> {
    const says = ({ steps = [], decision }: Status): boolean => {
      const digest = decision?.attempt === this.current ? decision.digest : undefined;
      return steps.some((each) => each.digest === digest && each.step === step && each.state === 'Done');
    };
    return waitForLedger(this.world, `${step} done`, says, timeoutSeconds);
  }

  /** Until Argo CD's operation has failed. */
  async syncFailed(): Promise<void> {
    const failed = async (): Promise<boolean> =>
      (await applicationStatus(this.world.name)).operation?.phase === 'Failed';
    await waitFor(failed, { what: 'the operation is Failed', timeoutSeconds: 120 });
  }

  /** Traffic, ledger and a write of the application's role on blue, from outside. */
  async expectBlueServes(): Promise<void> {
    expect(await selected(this.world)).toBe(BLUE);
    expect((await ledger(this.world)).serving?.instance).toBe(BLUE);
    const write = "SET ROLE bestie; UPDATE bestie.pets SET seq = seq WHERE token = 'none'";
    await sql(this.world.name, `${BLUE}-pgo`, write);
  }
}
