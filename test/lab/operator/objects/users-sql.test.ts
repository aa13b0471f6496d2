import { describe, expect, it } from '@jest/globals';
import { usersSql } from './users-sql.ts';

describe('SQL for the users', () => {
  it('quotes names, sets the verifier, and lets the role make tables in its databases', () => {
    const sql = usersSql([{ spec: { name: 'a-b', databases: ['d-1'], options: 'CREATEDB' }, verifier: "v'1" }]);
    expect(sql).toContain(`ALTER ROLE "a-b" WITH LOGIN CREATEDB PASSWORD 'v''1';`);
    expect(sql).toContain('GRANT ALL ON DATABASE "d-1" TO "a-b";\n\\connect "d-1"\nGRANT ALL ON SCHEMA public');
  });

  it('takes nothing from the superuser’s spec but its password', () => {
    const sql = usersSql([{ spec: { name: 'postgres', databases: ['x'], options: 'NOLOGIN' }, verifier: 'v' }]);
    expect(sql).toContain(`ALTER ROLE "postgres" WITH LOGIN  PASSWORD 'v';`);
    expect(sql).not.toContain('DATABASE');
  });

  it('makes what a role of the operator’s own needs, in every database', () => {
    const user = { spec: { name: 'a', databases: ['d'] }, verifier: 'v' };
    const sql = usersSql([user, { spec: { name: 'ccp_monitoring' }, verifier: 'w', role: 'ccp_monitoring' }]);
    expect(sql.match(/^\\connect .*\nGRANT pg_monitor/gm)).toHaveLength(3);
    expect(usersSql([user])).not.toContain('monitor');
  });
});
