import { problemsOf, type DatabaseGuard } from './guard.ts';

/** A function that is not VOLATILE writes nothing itself, and says by that that it only reads. Before 17 there is no such event. */
const LOGIN_TRIGGERS = `
  SELECT format('event trigger %I of database %I runs at every login, and one that writes lets nobody log in while the fence '
                'stands: ALTER EVENT TRIGGER %I DISABLE, or declare its function STABLE if it only reads',
                evtname, current_database(), evtname) AS problem
    FROM pg_event_trigger JOIN pg_proc ON pg_proc.oid = evtfoid
   WHERE evtevent = 'login' AND evtenabled IN ('O', 'A') AND provolatile = 'v' ORDER BY evtname`;

export const loginTriggers: DatabaseGuard = (session) => problemsOf(session, LOGIN_TRIGGERS);
