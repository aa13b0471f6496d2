import { quoteLiteral } from './quote.ts';
import { OPERATOR_SCHEMA } from './roles.ts';
import { CATALOG_SECONDS, type Session } from './session.ts';

/** A sequence's state; numbers are text, they may need 64 bits. */
export interface SequenceState {
  readonly name: string;
  readonly last: string;
  readonly called: boolean;
  /** Values that the WAL already holds beyond `last`. */
  readonly ahead: string;
  readonly increment: string;
}

const IN_ONE_QUERY = 200;

/** Every sequence of the current database, by name; without those that the operator keeps for itself. */
export async function readSequences(session: Session): Promise<readonly SequenceState[]> {
  const found = await session.query<{ name: string; increment: string }>(`
    SELECT quote_ident(nspname) || '.' || quote_ident(c.relname) AS name, s.seqincrement::text AS increment
      FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace ON pg_namespace.oid = c.relnamespace
     WHERE c.relpersistence <> 't' AND NOT ${OPERATOR_SCHEMA} ORDER BY nspname COLLATE "C", c.relname COLLATE "C"`);
  const states: SequenceState[] = [];
  for (let at = 0; at < found.length; at += IN_ONE_QUERY) {
    const selects = found.slice(at, at + IN_ONE_QUERY).map(({ name, increment }) => {
      return (
        `SELECT ${quoteLiteral(name)} AS name, last_value::text AS last, is_called AS called, ` +
        `log_cnt::text AS ahead, ${quoteLiteral(increment)} AS increment FROM ${name}`
      );
    });
    states.push(...(await session.query<SequenceState>(selects.join(' UNION ALL '), [], CATALOG_SECONDS)));
  }
  return states;
}

/**
 * Whether a clone's sequence is what the source's was. PostgreSQL logs a sequence up to 32 values ahead, so that a
 * clone, as a server after a crash, may stand anywhere from the source's value to `ahead` increments beyond it.
 */
export function sequenceFits(source: SequenceState, clone: SequenceState): boolean {
  if (source.called !== clone.called || source.increment !== clone.increment) return false;
  const beyond = (BigInt(clone.last) - BigInt(source.last)) / BigInt(source.increment);
  const exact = BigInt(source.last) + beyond * BigInt(source.increment) === BigInt(clone.last);
  return exact && beyond >= 0n && beyond <= BigInt(source.ahead);
}

/** For messages: a sequence that was never asked stands at its start, too. */
export const sequenceText = ({ last, called }: SequenceState): string => (called ? last : `${last} (never used)`);
