import { problemsOf, type ServerGuard } from './guard.ts';

const WRAPAROUND = `
  SELECT format('an anti-wraparound vacuum runs in database %I (pid %s) and gives its lock to nobody: wait until it has ended',
                datname, pid) AS problem
    FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' AND query LIKE '%(to prevent wraparound)%'`;

export const wraparound: ServerGuard = ({ session }) => problemsOf(session, WRAPAROUND);
