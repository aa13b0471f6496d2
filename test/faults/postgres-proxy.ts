import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { LATE_MILLISECONDS, type Gate } from './gate.ts';
import type { Kind } from './fault.ts';
import { Messages, type Message } from './messages.ts';

export interface Proxy {
  readonly port: number;
  close(): void;
}

export interface Certificate {
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** A proxy on a port of its own that ends TLS, as the server would, and reads along. @param path of the server's socket. */
export async function postgresProxy(gate: Gate, path: string, certificate: Certificate): Promise<Proxy> {
  const open = new Set<Socket>();
  const track = (socket: Socket): Socket => {
    open.add(socket.on('error', () => undefined).once('close', () => open.delete(socket)));
    return socket;
  };
  const proxy = createServer((socket) => {
    // The client's first message asks for TLS and says nothing else.
    track(socket).once('data', () => {
      void accept(gate, socket, certificate).then((client) => new Relay(gate, client, track(connect(path))).run());
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    port: (proxy.address() as AddressInfo).port,
    close: () => {
      proxy.close();
      for (const socket of open) socket.destroy();
    },
  };
}

async function accept(gate: Gate, socket: Socket, certificate: Certificate): Promise<TLSSocket> {
  await gate.passing();
  socket.write('S');
  return new TLSSocket(socket, { isServer: true, ...certificate }).on('error', () => undefined);
}

/** How a client asks its server for how long to wait in the dark for it, at its start and later. */
const PATIENCE = /tcp_user_timeout ?= ?(\d+)/;

/** One connection, both ways. */
class Relay {
  readonly #gate: Gate;
  readonly #client: TLSSocket;
  readonly #server: Socket;
  readonly #messages = new Messages();
  /** What becomes of the next answer. */
  #strikes: Kind | undefined;
  /** Milliseconds after which the server ends what it has of a client that is gone; not before it is asked to. */
  #patience = Infinity;

  constructor(gate: Gate, client: TLSSocket, server: Socket) {
    this.#gate = gate;
    this.#client = client;
    this.#server = server;
    gate.onDark(() => {
      this.#darken();
    });
  }

  async run(): Promise<void> {
    await Promise.all([
      this.#pass(this.#client, this.#server, async (chunk) => {
        for (const message of this.#messages.read(chunk)) await this.#send(message);
      }),
      this.#pass(this.#server, this.#client, (chunk) => this.#answer(chunk)),
    ]);
  }

  /** What comes from the one goes to the other, its end too. */
  async #pass(from: Socket, to: Socket, each: (chunk: Buffer) => Promise<void>): Promise<void> {
    try {
      for await (const chunk of from) await each(chunk as Buffer);
    } catch {
      // Reset, or cut here: an end like any other.
    }
    await this.#gate.passing();
    to.destroy();
  }

  /** In place of the server's kernel: in the dark, the proxy's own would still answer it. */
  #darken(): void {
    if (this.#patience === Infinity) return;
    const notice = (): void => {
      if (this.#gate.isDark) this.#server.destroy();
    };
    setTimeout(notice, this.#patience).unref();
  }

  async #send({ bytes, statement }: Message): Promise<void> {
    const kind = statement === undefined ? undefined : this.#gate.meet(statement);
    if (kind === 'cut before') this.#cut();
    if (kind === 'cut after' || kind === 'dark after' || kind === 'late') this.#strikes = kind;
    await this.#gate.passing();
    this.#patience = Number(PATIENCE.exec(bytes.toString('latin1'))?.[1] ?? this.#patience);
    this.#server.write(bytes);
  }

  async #answer(chunk: Buffer): Promise<void> {
    const kind = this.#strikes;
    this.#strikes = undefined;
    if (kind === 'cut after') this.#cut();
    if (kind === 'dark after') this.#gate.darken();
    if (kind === 'late') await delay(LATE_MILLISECONDS);
    await this.#gate.passing();
    this.#client.write(chunk);
  }

  #cut(): void {
    this.#client.destroy();
    this.#server.destroy();
  }
}
