/** The folders' boundaries, one named rule each. `scripts/check-boundaries.ts` also proves that files were looked at. */
const pure = '^plugin/(lifecycle|plan|render|restorable)/';
const tests = '\\.test\\.ts$';
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'pure-core',
      comment: 'lifecycle, plan, render and restorable are pure: no fs, clock, network, child process (I1)',
      severity: 'error',
      from: { path: pure, pathNot: tests },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'core-flows-one-way',
      comment: 'lifecycle → plan → render; none of them knows steps, cluster, postgres or the commands',
      severity: 'error',
      from: { path: '^plugin/lifecycle/' },
      to: { path: '^plugin/(plan|render|steps|cluster|postgres|commands)/' },
    },
    {
      name: 'restorable-alone',
      comment: 'what a repository can restore is told from its record alone',
      severity: 'error',
      from: { path: '^plugin/restorable/', pathNot: tests },
      to: { path: '^plugin/(?!restorable/|errors/)' },
    },
    {
      name: 'approval-alone',
      comment: 'what is signed, and how; whoever makes or checks an approval goes through it',
      severity: 'error',
      from: { path: '^plugin/approval/', pathNot: tests },
      to: { path: '^plugin/(?!approval/|errors/)' },
    },
    {
      name: 'jose-only-in-approval',
      severity: 'error',
      from: { path: '^plugin/', pathNot: '^plugin/approval/' },
      to: { path: 'node_modules/jose' },
    },
    {
      name: 'plan-below-render',
      severity: 'error',
      from: { path: '^plugin/plan/' },
      to: { path: '^plugin/(render|steps|cluster|postgres|commands)/' },
    },
    {
      name: 'render-below-steps',
      severity: 'error',
      from: { path: '^plugin/render/' },
      to: { path: '^plugin/(steps|cluster|postgres|commands)/' },
    },
    {
      name: 'client-node-only-in-cluster',
      severity: 'error',
      from: { path: '^plugin/', pathNot: '^plugin/cluster/' },
      to: { path: 'node_modules/@kubernetes/client-node' },
    },
    {
      name: 'pg-only-in-postgres',
      severity: 'error',
      from: { path: '^plugin/', pathNot: '^plugin/postgres/' },
      to: { path: 'node_modules/(@types/)?pg/' },
    },
    {
      name: 'edges-apart',
      comment:
        'cluster and postgres are two edges; only steps joins them; of steps cluster knows the ports it implements',
      severity: 'error',
      from: { path: '^plugin/cluster/' },
      to: { path: '^plugin/(postgres|steps)/', pathNot: '^plugin/steps/ports/ports\\.ts$' },
    },
    {
      name: 'postgres-is-an-edge',
      severity: 'error',
      from: { path: '^plugin/postgres/' },
      to: { path: '^plugin/(cluster|steps|render)/' },
    },
    {
      name: 'the-program-on-top',
      comment:
        'of the rooms of plugin/steps only run, the program, knows all others; ports and ledger know none above them',
      severity: 'error',
      from: { path: '^plugin/steps/(?!run/)', pathNot: tests },
      to: { path: '^plugin/steps/run/' },
    },
    {
      name: 'ports-at-the-bottom',
      severity: 'error',
      from: { path: '^plugin/steps/ports/', pathNot: tests },
      to: { path: '^plugin/steps/(?!ports/)' },
    },
    {
      name: 'product-without-tests',
      severity: 'error',
      from: { path: '^plugin/', pathNot: tests },
      to: { path: '^test/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
