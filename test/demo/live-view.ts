import { clearLine, cursorTo } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import pc from 'picocolors';
import { applicationStatus, type ApplicationStatus } from '../lab/argocd/application.ts';
import { ledger, type World } from '../e2e/world/world.ts';

/** What Argo CD waits for at the moment, and in which wave. */
interface Look {
  readonly wave: string;
  readonly resource: string;
  readonly phase: string;
  readonly window: string;
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const WAITING = /waiting for (?:healthy state of|completion of hook) (?:\S*\/)?([^/\s]+)\/([^/\s]+?)(?: and .*)?$/u;

function waitedFor({ operation, resources }: ApplicationStatus): Pick<Look, 'wave' | 'resource'> | undefined {
  const [, kind, name] = WAITING.exec(operation?.message ?? '') ?? [];
  if (operation?.phase !== 'Running' || kind === undefined || name === undefined) return undefined;
  const resource = resources.find((each) => each.kind === kind && each.name === name);
  const isHook = operation.message.includes('hook');
  return { wave: isHook ? 'hook' : `wave ${resource?.syncWave ?? 0}`, resource: `${kind} ${name}` };
}

async function look(world: World): Promise<Look | undefined> {
  const waited = waitedFor(await applicationStatus(world.name));
  if (!waited) return undefined;
  const { phase = '', window = '' } = await ledger(world);
  return { ...waited, phase, window };
}

/** Prints wave by wave what happens while `work` runs: one line that moves on a terminal, plain lines elsewhere. */
export async function watchWaves<T>(world: World, work: Promise<T>): Promise<T> {
  const ended = work.then(
    () => true,
    () => true,
  );
  const view = new View();
  while (!(await Promise.race([ended, delay(250, false)]))) view.show(await look(world).catch(() => undefined));
  view.end();
  return work;
}

class View {
  #current: Look | undefined;
  #since = Date.now();
  #turn = 0;

  show(now: Look | undefined): void {
    if (now && now.resource !== this.#current?.resource) {
      this.#finish();
      this.#current = now;
      this.#since = Date.now();
    }
    if (now) this.#current = now;
    if (process.stdout.isTTY && this.#current) this.#draw(this.#current);
  }

  end(): void {
    this.#finish();
    this.#current = undefined;
  }

  #line({ wave, resource, phase, window }: Look): string {
    const seconds = ((Date.now() - this.#since) / 1000).toFixed(1);
    const open = window.startsWith('open') ? pc.yellow(`  window ${window}`) : '';
    return `${wave.padEnd(8)} ${resource.padEnd(44)} ${seconds.padStart(6)} s  ${pc.dim(phase)}${open}`;
  }

  #draw(current: Look): void {
    this.#turn += 1;
    clearLine(process.stdout, 0);
    cursorTo(process.stdout, 0);
    process.stdout.write(`  ${SPINNER[this.#turn % SPINNER.length] ?? ''} ${this.#line(current)}`);
  }

  #finish(): void {
    if (!this.#current) return;
    if (process.stdout.isTTY) {
      clearLine(process.stdout, 0);
      cursorTo(process.stdout, 0);
    }
    process.stdout.write(`  ${pc.green('✓')} ${this.#line(this.#current)}\n`);
  }
}
