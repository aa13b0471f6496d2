import { env } from 'node:process';

/**
 * Four projects: `unit` needs nothing, `sql` a PostgreSQL on this machine, `gitea` a Gitea, which is built with Go, `e2e` the lab.
 * `LIFECYCLE_POSTGRES=18` runs `sql` on that version, without the lab's own programs: those are for one version.
 */
const common = {
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  transformIgnorePatterns: ['/node_modules/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
};

export default {
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/{plugin,generators,manifests,argocd,test}/**/*.test.ts'],
      testPathIgnorePatterns: ['\\.(?:sql|gitea)\\.test\\.ts$'],
    },
    {
      ...common,
      displayName: 'sql',
      testMatch: ['<rootDir>/{plugin,test}/**/*.sql.test.ts'],
      testPathIgnorePatterns: [
        ...(env.LIFECYCLE_POSTGRES ? ['<rootDir>/test/lab/'] : []),
        ...(env.LIFECYCLE_FAULTS ? [] : ['<rootDir>/test/faults/']),
      ],
    },
    { ...common, displayName: 'gitea', testMatch: ['<rootDir>/generators/**/*.gitea.test.ts'] },
    { ...common, displayName: 'e2e', testMatch: ['<rootDir>/test/e2e/**/*.e2e.ts'] },
  ],
};
