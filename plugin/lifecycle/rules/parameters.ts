import { quoteKey } from '../finding.ts';
import { when, type Rule } from './rule.ts';

/**
 * PostgreSQL parameters that the plan, the operator or Patroni relies on, with the reason. Some values of a parameter
 * are harmless; the others are refused.
 */
const OWNED: readonly { readonly name: RegExp; readonly why: string; readonly harmless?: RegExp }[] = [
  { name: /^archive_(mode|command|library|cleanup_command)$/, why: 'without the archive there is no clone' },
  { name: /^restore_command$|^recovery_/, why: "restores are the operator's work" },
  { name: /^wal_level$/, why: 'archiving needs replica or logical', harmless: /^(replica|logical)$/ },
  { name: /^(default_)?transaction_read_only$/, why: 'the fence sets it' },
  { name: /^(fsync|full_page_writes)$/, why: 'without it a crash loses acknowledged writes', harmless: ON() },
  {
    name: /^synchronous_commit$/,
    why: 'off loses acknowledged writes in a crash',
    harmless: /^(?!off$|false$|no$|0$)/,
  },
  { name: /^zero_damaged_pages$|^ignore_/, why: 'it hides damage from the comparison' },
  { name: /^hot_standby$/, why: 'replicas and clones are read while they recover', harmless: ON() },
  { name: /^max_wal_senders$/, why: 'replicas and backups need WAL senders', harmless: /^[1-9]/ },
  { name: /^max_prepared_transactions$/, why: 'a prepared transaction outlives the fence', harmless: /^0$/ },
  { name: /^(listen_addresses|port|unix_socket_.*|ssl(_.*)?|password_encryption)$/, why: 'the operator sets it' },
  { name: /^(data_directory|config_file|hba_file|ident_file|external_pid_file|cluster_name)$/, why: 'Patroni sets it' },
  {
    name: /^(primary_conninfo|primary_slot_name|promote_trigger_file|synchronous_standby_names)$/,
    why: 'Patroni sets it',
  },
  { name: /^role$|^session_authorization$|^row_security$/, why: 'it would change who the steps are' },
];

function ON(): RegExp {
  return /^(on|true|yes|1)$/;
}

export const parameters: Rule = ({ spec }) =>
  Object.entries(spec?.database?.parameters ?? {}).flatMap(([name, value]) => {
    const owned = OWNED.find((each) => each.name.test(name));
    const harmless = owned?.harmless?.test(String(value).toLowerCase()) === true;
    return when(owned !== undefined && !harmless, () => ({
      code: 'owned-parameter',
      path: ['spec', 'database', 'parameters', name],
      at: 'key',
      detail: `${quoteKey(name)}: ${owned?.why ?? ''}`,
    }));
  });
