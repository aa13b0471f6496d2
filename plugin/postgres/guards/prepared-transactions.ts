import { problemsOf, type ServerGuard } from './guard.ts';

const PREPARED = `
  SELECT format('prepared transaction %L in database %I keeps its locks and changes over a fence: commit it or roll it back',
                gid, database) AS problem FROM pg_prepared_xacts`;

export const preparedTransactions: ServerGuard = ({ session }) => problemsOf(session, PREPARED);
