import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PASSWORDS } from './instance.ts';

export interface Published {
  /** Where Secrets are mounted. */
  readonly secrets: string;
  /** The instance's name. */
  readonly instance: string;
  readonly port: number;
  /** The authority's certificate. */
  readonly ca: string;
  readonly passwords?: Readonly<Record<string, string>>;
}

/** The mounted Secrets of an instance, in the layout in which a step's pod has them. */
export function publishSecrets({ secrets, instance, port, ca, passwords = PASSWORDS }: Published): void {
  for (const [credential, user] of [
    ['superuser', 'postgres'],
    ['user', 'bestie'],
  ] as const) {
    const keys = { host: '127.0.0.1', port: String(port), user, password: passwords[user] ?? '' };
    const folder = join(secrets, instance, credential);
    mkdirSync(folder, { recursive: true });
    const dbname = credential === 'user' ? { dbname: 'bestie' } : {};
    for (const [key, value] of Object.entries({ ...keys, ...dbname })) writeFileSync(join(folder, key), value);
  }
  mkdirSync(join(secrets, instance, 'ca'), { recursive: true });
  copyFileSync(ca, join(secrets, instance, 'ca', 'ca.crt'));
}
