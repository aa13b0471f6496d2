import { expect, jest, test } from '@jest/globals';
import { Switch, until } from '../../../test/lab/postgres/switch.ts';
import { useTemplate } from '../../../test/lab/postgres/use-template.ts';
import type { Session } from '../../postgres/session.ts';
import { MAINTENANCE, openSuperuser, Sessions } from '../database/sessions.ts';
import { BLUE } from '../testing/world.ts';
import { giveTurn, takeTurn } from './turn.ts';

jest.setTimeout(180_000);

const template = useTemplate();

async function during(use: (it: Switch, open: (purpose?: string) => Promise<Session>) => Promise<void>): Promise<void> {
  const it = await Switch.open(template());
  const sessions = new Sessions();
  try {
    await use(it, (purpose = 'abort') => sessions.add(openSuperuser(it.context(), BLUE, purpose)(MAINTENANCE)));
  } finally {
    await sessions.close();
    await it.close();
  }
}

const FEW_SECONDS = { keepalives_idle: 3, keepalives_interval: 2, keepalives_count: 2, user_timeout: 7000 };
const HALF_A_MINUTE = { keepalives_idle: 10, keepalives_interval: 5, keepalives_count: 3, user_timeout: 25_000 };

/** Of the server's own socket: it answers these with what it has asked of its kernel. */
async function patience(session: Session): Promise<object> {
  const rows = await session.query<{ name: string; setting: string }>(
    `SELECT name, setting FROM pg_settings WHERE name ~ '^tcp_'`,
  );
  return Object.fromEntries(rows.map(({ name, setting }) => [name.slice('tcp_'.length), Number(setting)]));
}

test('a server gives up the one who has the turn when it does not answer for 7 s, idle or with an answer under way', () =>
  during(async (it, open) => {
    const holder = await open();
    expect(await takeTurn(it.context(), holder)).toBeDefined();
    expect(await patience(holder)).toEqual(FEW_SECONDS);
    // The window's locks outlast an outage, and so does who holds the window without the turn.
    expect(await patience(await open('lock'))).toEqual(HALF_A_MINUTE);
    await giveTurn(it.context(), holder);
    expect(await patience(holder)).toEqual(HALF_A_MINUTE);
  }));

test('the turn of a step that is gone in the middle of a statement is the next one to have', () =>
  during(async (it, open) => {
    const holder = await open();
    expect(await takeTurn(it.context(), holder)).toBeDefined();
    await expect(holder.query('SELECT pg_sleep(600)', [], 1)).rejects.toThrow('no answer');
    expect(await takeTurn(it.context(), await open())).toBeDefined();
  }));

test('one that has the turn is left alone, and the next has it when it is given', () =>
  during(async (it, open) => {
    const holder = await open();
    expect(await takeTurn(it.context(), holder)).toBeDefined();
    let taken = false;
    const next = takeTurn(it.context(), await open()).then((got) => (taken = got !== undefined));
    await until('the next one waits', () => it.lines.some((line) => line.startsWith('waiting for another step')));
    await holder.query('SELECT');
    expect(taken).toBe(false);
    await giveTurn(it.context(), holder);
    expect(await next).toBe(true);
  }));
