import type { Instance } from '../lab/postgres/instance.ts';
import { Load, type Manner, type Target } from '../lab/postgres/load.ts';
import type { Switch } from '../lab/postgres/switch.ts';
import type { Member, Schedule } from './schedule.ts';

const OVERRIDES: Readonly<Record<string, Manner>> = {
  session: { begin: ['SET default_transaction_read_only = off', 'SET lock_timeout = 0', 'BEGIN'] },
  transaction: { begin: ['BEGIN READ WRITE'] },
  options: { options: '-c default_transaction_read_only=off -c lock_timeout=0' },
};

const overriders = (manner: Manner): Readonly<Record<string, Manner>> =>
  Object.fromEntries(Object.entries(OVERRIDES).map(([way, override]) => [way, { ...manner, ...override }]));

const HEARTBEAT: Manner = { role: 'debezium', tables: ['heartbeat'] };
const REPLICATION: Manner = { ...HEARTBEAT, replication: 'database' };

/** Clients that follow the traffic, and overriders that stay on blue, by their member. */
const CLIENTS: Readonly<
  Partial<Record<Member, { readonly follow: Readonly<Record<string, Manner>>; readonly stay: Manner }>>
> = {
  reporter: { follow: { plain: { role: 'reporter' } }, stay: { role: 'reporter' } },
  'replication role': { follow: { plain: HEARTBEAT }, stay: HEARTBEAT },
  'replication connection': { follow: { plain: REPLICATION }, stay: REPLICATION },
  'template database': { follow: { plain: inDatabase('blank') }, stay: inDatabase('blank') },
  'second database': { follow: { plain: inDatabase('second') }, stay: inDatabase('second') },
  'temporary tables': {
    follow: { plain: { begin: ['CREATE TEMPORARY TABLE IF NOT EXISTS scratch (n int)', 'BEGIN'] } },
    stay: {},
  },
};

function inDatabase(database: string): Manner {
  return { database, tables: ['t0'] };
}

/** Its own samples are the operator's, not the application's: they may be lost, and must not stand in the way. */
export const EXPORTER = 'exporter';
const EXPORTING: Manner = { role: 'ccp_monitoring', tables: ['monitor.samples'], pace: 50 };

/**
 * Clients that follow the traffic, and overriders of each member on blue that never stop trying.
 * @returns the load, and the names of those that must write again when the window has ended.
 */
export function startClients(
  it: Switch,
  { members, writers, pace }: Schedule,
  green: () => Instance | undefined,
): { readonly load: Load; readonly followers: readonly string[] } {
  const load = new Load();
  const traffic: Target = () => (it.namespace.serves('bestie') === 'bestie' ? it.blue : green());
  const followers: string[] = [];
  const follow = (name: string, manner: Manner): void => {
    followers.push(name);
    load.client(name, traffic, { pace, ...manner });
  };
  const stay = (member: string, manner: Manner): void => {
    if (!members.includes('overriders')) return;
    for (const [way, each] of Object.entries(overriders(manner))) load.client(`${member} ${way}`, () => it.blue, each);
  };
  for (let n = 0; n < writers; n += 1) follow(`writer ${n}`, {});
  stay('application', {});
  for (const member of members) {
    const clients = CLIENTS[member];
    for (const [name, manner] of Object.entries(clients?.follow ?? {})) follow(`${member} ${name}`, manner);
    if (clients) stay(member, clients.stay);
  }
  if (members.includes('exporter')) load.client(EXPORTER, () => it.blue, EXPORTING);
  load.reader(traffic);
  return { load, followers };
}
