import { createHash } from 'node:crypto';

/** What was delivered lately, by its content: the id of a delivery is signed by nobody, so that a replay can bear another. */
export interface Deliveries {
  /** @returns whether it is new; it is remembered. */
  readonly take: (key: string) => boolean;
  /** What could not be handled may come again. */
  readonly forget: (key: string) => void;
}

export const deliveryKey = (kind: string, event: string, body: Buffer): string =>
  createHash('sha256').update(`${kind}\n${event}\n`).update(body).digest('base64');

/** To handle one twice is harmless; to remember spares the work. */
export function createDeliveries(most: number): Deliveries {
  const known = new Set<string>();
  return {
    take: (key) => {
      if (known.has(key)) return false;
      known.add(key);
      for (const oldest of known) {
        if (known.size <= most) break;
        known.delete(oldest);
      }
      return true;
    },
    forget: (key) => {
      known.delete(key);
    },
  };
}
