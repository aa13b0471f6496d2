import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Decision } from '../../../plugin/lifecycle/status.ts';
import { instanceSelector } from '../../../plugin/plan/labels.ts';
import type { StepRequest } from '../../../plugin/plan/step-request.ts';
import { openDecision } from '../../../plugin/steps/ledger/decision.ts';
import { runKeeper } from '../../../plugin/steps/fence/keeper/keeper.ts';
import type { Ledger } from '../../../plugin/steps/ports/ports.ts';
import { withDone, withFailed, withStarted } from '../../../plugin/steps/ledger/step-records.ts';
import type { StepContext } from '../../../plugin/steps/ports/step.ts';
import { MemoryLedger } from '../../../plugin/steps/testing/memory-ledger.ts';
import { BLUE, GREEN, requestFor } from '../../../plugin/steps/testing/world.ts';
import { verify } from '../../../plugin/steps/clone/verify.ts';
import { waitFor } from '../wait-for.ts';
import { BlueGreen, type Template } from './blue-green.ts';
import type { Instance } from './instance.ts';
import { Namespace } from './namespace.ts';
import { REAL_CLOCK } from './real-clock.ts';

const REPLICAS = 3;

/** A keeper that runs in this process. */
export interface Keeper {
  ready(): boolean;
  /** SIGTERM: resolves when it has ended. */
  stop(): Promise<void>;
  /** SIGKILL: its connections are gone, and nothing that it would have done happens. */
  kill(): Promise<void>;
}

/** One switch on real PostgreSQL: an open decision, blue published, the Service on blue. */
export class Switch {
  readonly servers: BlueGreen;
  readonly ledger = new MemoryLedger();
  readonly namespace: Namespace;
  readonly request: StepRequest;
  readonly lines: string[] = [];
  readonly #keepers: Keeper[] = [];

  private constructor(servers: BlueGreen, request: StepRequest) {
    this.servers = servers;
    this.request = request;
    this.namespace = new Namespace(request.lifecycle);
  }

  static async open(
    template: Template,
    more: Partial<StepRequest> = {},
    settings: Readonly<Record<string, string>> = {},
  ): Promise<Switch> {
    const request = requestFor('Switch', more);
    const it = new Switch(await BlueGreen.start(template, settings), request);
    it.servers.publish(BLUE.name, it.servers.blue);
    it.namespace.add(BLUE);
    await it.namespace.setServiceSelector(request.traffic.service, instanceSelector(request.lifecycle, BLUE.name));
    it.ledger.write(openDecision({}, request, new Date()) ?? {});
    return it;
  }

  get blue(): Instance {
    return this.servers.blue;
  }

  get decision(): Decision {
    const { decision } = this.ledger.status;
    if (!decision) throw new Error('no decision');
    return decision;
  }

  context(more: Partial<StepContext> = {}): StepContext {
    return {
      request: this.request,
      namespace: 'prod',
      ledger: this.ledger,
      cluster: this.namespace,
      clock: REAL_CLOCK,
      progress: {
        report: (line) => {
          this.lines.push(line);
        },
      },
      secrets: this.servers.secrets,
      signal: new AbortController().signal,
      ...more,
    };
  }

  /** @param more of its context than that of a test. */
  keeper(more: Partial<StepContext> = {}): Keeper {
    const [asked, dead] = [new AbortController(), new AbortController()];
    let ready = false;
    const alive = this.context({ ...more, signal: asked.signal });
    const secrets = join(this.servers.folder, `keeper-${this.#keepers.length}`);
    symlinkSync(alive.secrets, secrets);
    const context: StepContext = {
      ...alive,
      secrets,
      ledger: mortal(alive.ledger, dead.signal),
      clock: { now: () => new Date(), sleep: mortalSleep(dead.signal) },
    };
    const done = runKeeper(context, {
      set: (value) => {
        ready = value;
      },
    }).catch(() => undefined);
    const keeper: Keeper = {
      ready: () => ready,
      stop: async () => {
        asked.abort();
        await done;
      },
      kill: async () => {
        // No new connections, either.
        rmSync(secrets, { force: true });
        dead.abort();
        asked.abort();
        await this.#endConnections();
        await done;
      },
    };
    this.#keepers.push(keeper);
    return keeper;
  }

  /** A keeper whose fence stands. */
  async fenced(ports: Parameters<Switch['keeper']>[0] = {}): Promise<Keeper> {
    const keeper = this.keeper(ports);
    await until('the fence stands', () => keeper.ready() && this.decision.fence !== undefined, 60);
    return keeper;
  }

  /**
   * Green before its migration: cloned, published, verified; its application is not there yet.
   * @param operator what else the operator does to a new cluster.
   */
  async verified(operator?: (green: Instance) => Promise<unknown>): Promise<Instance> {
    const green = await this.clone();
    await operator?.(green);
    await this.namespace.scaleDeployment(GREEN.application, 0);
    this.write(withStarted(this.ledger.status, this.request.digest, 'verify', new Date()));
    const evidence = await verify(this.context());
    this.write(withDone(this.ledger.status, this.request.digest, 'verify', new Date(), evidence));
    return green;
  }

  /** Green as it stands before the commit: its smoke test done. @param operator as in `verified`. */
  async green(operator?: (green: Instance) => Promise<unknown>): Promise<Instance> {
    const green = await this.verified(operator);
    await this.namespace.scaleDeployment(GREEN.application, REPLICAS);
    this.done('migrate');
    this.done('smoke');
    return green;
  }

  /** Green cloned to the restore point; the operator has given its user the password of its own Secret. */
  async clone(): Promise<Instance> {
    const green = await this.servers.clone(GREEN.name, this.request.restorePoint);
    this.servers.publish(GREEN.name, green);
    this.namespace.add(GREEN, this.request.digest);
    return green;
  }

  done(step: string): void {
    this.write(withDone(this.ledger.status, this.request.digest, step, new Date(), {}));
  }

  failed(step: string, reason: string): void {
    this.write(withFailed(this.ledger.status, this.request.digest, step, new Date(), reason));
  }

  write(status: MemoryLedger['status']): void {
    this.ledger.write(status);
  }

  /** Ends what still runs. */
  async close(): Promise<void> {
    await Promise.all(this.#keepers.map((keeper) => keeper.kill()));
    await this.servers.stop();
  }

  /** As when the process that has them is gone. */
  async #endConnections(): Promise<void> {
    await this.blue
      .sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'lifecycle-%'`)
      .catch(() => undefined);
  }
}

const gone = (): Error => new Error('the process is gone');

function mortal(ledger: Ledger, dead: AbortSignal): Ledger {
  return {
    read: () => (dead.aborted ? Promise.reject(gone()) : ledger.read()),
    update: (change) => (dead.aborted ? Promise.reject(gone()) : ledger.update(change)),
  };
}

const mortalSleep =
  (dead: AbortSignal): StepContext['clock']['sleep'] =>
  async (milliseconds, signal) => {
    if (dead.aborted) throw gone();
    await delay(milliseconds, undefined, { signal: AbortSignal.any([dead, ...(signal ? [signal] : [])]) });
  };

export const until = (what: string, holds: () => boolean, timeoutSeconds = 20): Promise<unknown> =>
  waitFor(() => Promise.resolve(holds()), { what, timeoutSeconds, everyMilliseconds: 20 });
