import { problemsOf, type ServerGuard } from './guard.ts';

/** Physical slots are the operator's: its standbys hang on them. */
const SLOTS = `
  SELECT format('logical replication slot %I of database %I has no copy on green: its consumer loses its place, and the slot '
                'keeps WAL on blue for ever; drop it, or set spec.green.acceptLostSlots', slot_name, database) AS problem
    FROM pg_replication_slots WHERE slot_type = 'logical' AND NOT temporary ORDER BY slot_name`;

/** What follows the changes of blue (CDC, outgoing logical replication) would go on following blue. */
export const replicationSlots: ServerGuard = ({ session, request }) =>
  request.accepted?.lostSlots === true ? Promise.resolve([]) : problemsOf(session, SLOTS);
