import { connect, type Socket } from 'node:net';

/** A connection on which every byte is the test's own. */
export interface Raw {
  readonly socket: Socket;
  readonly send: (text: string) => void;
  /** Everything until the server closes, or `until` has come. */
  readonly received: (until?: string) => Promise<string>;
}

export async function openRaw(port: number): Promise<Raw> {
  const socket = connect({ port, host: '127.0.0.1' });
  let text = '';
  let closed = false;
  let changed = Promise.withResolvers<undefined>();
  const tell = (): void => {
    changed.resolve(undefined);
    changed = Promise.withResolvers();
  };
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
    tell();
  });
  socket.on('close', () => {
    closed = true;
    tell();
  });
  // A reset is a close: what was received before it counts.
  socket.on('error', tell);
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve);
    socket.once('close', () => {
      resolve();
    });
  });
  return {
    socket,
    send: (bytes) => {
      if (!closed) socket.write(bytes);
    },
    received: async (until) => {
      while (!closed && (until === undefined || !text.includes(until))) await changed.promise;
      return text;
    },
  };
}

export const statusOf = (response: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(response)?.[1] ?? 0);
