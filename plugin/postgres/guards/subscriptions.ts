import { problemsOf, type DatabaseGuard } from './guard.ts';

const SUBSCRIPTIONS = `
  SELECT format('subscription %I in database %I is enabled and would write on both instances: ALTER SUBSCRIPTION %I DISABLE',
                subname, current_database(), subname) AS problem
    FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
   WHERE s.subenabled AND d.datname = current_database()`;

export const subscriptions: DatabaseGuard = (session) => problemsOf(session, SUBSCRIPTIONS);
