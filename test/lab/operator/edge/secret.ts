import type { V1Secret } from '@kubernetes/client-node';

/** A Secret's values as text. */
export function secretText(secret: V1Secret): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(secret.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );
}
