import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCluster } from '../../plugin/cluster/cluster.ts';
import { createLedger } from '../../plugin/cluster/ledger.ts';
import { apiAt } from '../../plugin/cluster/testing-server.ts';
import type { StepContext } from '../../plugin/steps/ports/step.ts';
import { BLUE, GREEN } from '../../plugin/steps/testing/world.ts';
import type { Instance } from '../lab/postgres/instance.ts';
import type { Switch } from '../lab/postgres/switch.ts';
import { apiProxy } from './api-proxy.ts';
import { STEPS, type Fault, type Point, type ServerName, type StepName } from './fault.ts';
import { Gate } from './gate.ts';
import { postgresProxy, type Proxy } from './postgres-proxy.ts';

/** A loop's statement is as good the second time as the hundredth. */
const NTH = 2;

interface Process {
  readonly secrets: string;
  readonly gates: Readonly<Record<ServerName, Gate>>;
  readonly ports: Pick<StepContext, 'ledger' | 'cluster'>;
}

/** The steps of one switch, each with a gate of its own to each server, as pods on nodes of their own have. */
export class Processes {
  readonly #it: Switch;
  readonly #processes: ReadonlyMap<StepName, Process>;
  readonly #proxies: Proxy[];

  private constructor(it: Switch, processes: ReadonlyMap<StepName, Process>, proxies: Proxy[]) {
    this.#it = it;
    this.#processes = processes;
    this.#proxies = proxies;
  }

  static async start(it: Switch, fault?: Fault): Promise<Processes> {
    const [processes, proxies] = [new Map<StepName, Process>(), [] as Proxy[]];
    for (const step of STEPS) {
      const gate = (server: ServerName): Gate =>
        new Gate(fault?.step === step && fault.server === server ? fault : undefined);
      const gates = { blue: gate('blue'), green: gate('green'), api: gate('api') };
      const secrets = join(it.servers.folder, `secrets-${step}`);
      mkdirSync(secrets);
      const proxy = await apiProxy(gates.api, it);
      proxies.push(proxy);
      const api = apiAt(proxy.port, {});
      const ports = { ledger: createLedger(api, it.request.lifecycle), cluster: createCluster(api) };
      processes.set(step, { secrets, gates, ports });
    }
    const all = new Processes(it, processes, proxies);
    await all.publish('blue', it.blue);
    return all;
  }

  /** From now on the steps reach this server. */
  async publish(server: 'blue' | 'green', { data, port }: Instance): Promise<void> {
    const certificate = { key: readFileSync(join(data, 'server.key')), cert: readFileSync(join(data, 'server.crt')) };
    for (const { gates, secrets } of this.#processes.values()) {
      const proxy = await postgresProxy(gates[server], join(data, `.s.PGSQL.${port}`), certificate);
      this.#proxies.push(proxy);
      this.#it.servers.publish((server === 'blue' ? BLUE : GREEN).name, proxy, secrets);
    }
  }

  /** What a step has instead of a test's own. */
  context(step: StepName): Partial<StepContext> {
    const { secrets, ports } = this.#of(step);
    return { secrets, ...ports };
  }

  struck(fault: Fault): boolean {
    return this.#of(fault.step).gates[fault.server].struck;
  }

  /** Every statement that was sent, at its first and second time. */
  points(): readonly Point[] {
    return [...this.#processes].flatMap(([step, { gates }]) =>
      Object.entries(gates).flatMap(([server, { sent }]) =>
        [...sent].flatMap(([statement, times]) =>
          Array.from({ length: Math.min(times, NTH) }, (_, n) => ({
            step,
            server: server as ServerName,
            statement,
            nth: n + 1,
          })),
        ),
      ),
    );
  }

  /** As when the processes are gone: no connection is left, and none can be made. */
  end(): void {
    for (const proxy of this.#proxies) proxy.close();
  }

  #of(step: StepName): Process {
    const process = this.#processes.get(step);
    if (!process) throw new Error(`no step ${step}`);
    return process;
  }
}
