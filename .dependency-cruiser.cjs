/** The folders' boundaries, one named rule each. `scripts/check-boundaries.ts` also proves that files were looked at. */
const pure = '^plugin/(lifecycle|plan|render|restorable|review)/';
const tests = '\\.test\\.ts$';
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'pure-core',
      comment: 'lifecycle, plan, render, restorable and review are pure: no fs, clock, network, child process (I1)',
      severity: 'error',
      from: { path: pure, pathNot: tests },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'core-flows-one-way',
      comment: 'lifecycle → plan → render; none of them knows steps, cluster, postgres or the commands',
      severity: 'error',
      from: { path: '^plugin/lifecycle/' },
      to: { path: '^plugin/(plan|render|review|steps|cluster|postgres|git|commands)/' },
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
      to: { path: '^plugin/(render|review|steps|cluster|postgres|git|commands)/' },
    },
    {
      name: 'render-below-steps',
      severity: 'error',
      from: { path: '^plugin/render/' },
      to: { path: '^plugin/(review|steps|cluster|postgres|git|commands)/' },
    },
    {
      name: 'review-between-render-and-commands',
      comment:
        'what a plan, or a change, means to people: the same for a command and for a pull request; of steps only the ledger’s records, which it shows',
      severity: 'error',
      from: { path: '^plugin/review/', pathNot: tests },
      to: {
        path: '^plugin/(steps|cluster|postgres|git|commands)/',
        pathNot:
          '^plugin/steps/(beside/clone-records|ledger/step-records|restore/(restore-records|wanted-restore))\\.ts$',
      },
    },
    {
      name: 'git-is-an-edge',
      comment: 'it reads commits for a review, and knows nothing else of the product',
      severity: 'error',
      from: { path: '^plugin/git/', pathNot: tests },
      to: { path: '^plugin/(?!git/|errors/|review/)' },
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
      name: 'plugin-without-generator',
      comment:
        'the plugin works without the generator, which uses the lifecycle, plan and approvals of the plugin, and what renders them',
      severity: 'error',
      from: { path: '^plugin/' },
      to: { path: '^generators/' },
    },
    {
      name: 'generator-without-cluster',
      comment: 'the generator asks Git and source hosts; it reaches no cluster and no database',
      severity: 'error',
      from: { path: '^generators/', pathNot: tests },
      to: { path: '^plugin/(cluster|postgres|steps)/' },
    },
    {
      name: 'simple-git-only-where-repositories-are-read',
      severity: 'error',
      from: { path: '^(plugin|generators)/', pathNot: '^(plugin/git|generators/repositories)/' },
      to: { path: 'node_modules/simple-git' },
    },
    {
      name: 'repositories-below-lifecycles',
      comment: 'what a repository holds is read without knowing what it means',
      severity: 'error',
      from: { path: '^generators/repositories/', pathNot: tests },
      to: { path: '^(plugin/(?!errors/|git/read-commits)|generators/(?!repositories/|config/|ports\\.ts))' },
    },
    {
      name: 'lifecycles-ask-through-ports',
      comment:
        'lifecycles know repositories; approvals, pull requests and the server come to them by ports, or ask them',
      severity: 'error',
      from: { path: '^generators/lifecycles/', pathNot: tests },
      to: { path: '^generators/(approvals|pull-requests|server)/' },
    },
    {
      name: 'express-only-in-server',
      comment: 'HTTP from outside comes in at one place, and what is measured of it is there too',
      severity: 'error',
      from: { path: '^(plugin|generators)/', pathNot: '^generators/server/' },
      to: { path: 'node_modules/(@types/)?(express|helmet|prom-client)/' },
    },
    {
      name: 'server-through-ports',
      comment: 'what stands behind the server comes to it by ports: it reads no repository and asks no source host',
      severity: 'error',
      from: { path: '^generators/server/' },
      to: { path: '^generators/(repositories|lifecycles|approvals|pull-requests|scm)/' },
    },
    {
      name: 'config-knows-nobody',
      comment: 'the configuration is read, and its secrets, without knowing whom they are for',
      severity: 'error',
      from: { path: '^generators/config/' },
      to: { path: '^generators/(?!config/)' },
    },
    {
      name: 'pull-requests-by-ports',
      comment: 'what is said on pull requests: of the other rooms it knows what they are asked and what they answer',
      severity: 'error',
      from: { path: '^generators/pull-requests/', pathNot: tests },
      to: {
        path: '^generators/(?!pull-requests/)',
        pathNot:
          '^generators/(ports\\.ts|parameter-set\\.ts|config/schema\\.ts|scm/(port|one-comment)\\.ts|approvals/standing\\.ts)$',
      },
    },
    {
      name: 'source-hosts-only-in-scm',
      comment: 'octokit, gitbeaker and gitea-js stand behind one port',
      severity: 'error',
      from: { path: '^generators/', pathNot: '^generators/scm/' },
      to: { path: 'node_modules/(@octokit|@gitbeaker|gitea-js)' },
    },
    {
      name: 'scm-alone',
      comment: 'source hosts are asked for facts; who approves, and what is said there, is judged above',
      severity: 'error',
      from: { path: '^generators/scm/', pathNot: tests },
      to: { path: '^(generators/(?!scm/)|plugin/(?!errors/))' },
    },
    {
      name: 'approvals-ask-by-the-port',
      comment: 'which host it is, approvals do not know',
      severity: 'error',
      from: { path: '^generators/approvals/', pathNot: tests },
      to: { path: '^generators/scm/(?!port\\.ts|remembered\\.ts)' },
    },
    {
      name: 'approvals-pure',
      comment: 'what reviews come to is a function of facts, rules and a clock that is passed in',
      severity: 'error',
      from: { path: '^generators/approvals/', pathNot: `${tests}|/testing/` },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'source-hosts-only-in-scm',
      comment: 'octokit, gitbeaker and gitea-js stand behind one port',
      severity: 'error',
      from: { path: '^generators/', pathNot: '^generators/scm/' },
      to: { path: 'node_modules/(@octokit|@gitbeaker|gitea-js)' },
    },
    {
      name: 'scm-alone',
      comment: 'source hosts are asked for facts; who approves, and what is said there, is judged above',
      severity: 'error',
      from: { path: '^generators/scm/', pathNot: tests },
      to: { path: '^(generators/(?!scm/)|plugin/(?!errors/))' },
    },
    {
      name: 'approvals-ask-by-the-port',
      comment: 'which host it is, approvals do not know',
      severity: 'error',
      from: { path: '^generators/approvals/', pathNot: tests },
      to: { path: '^generators/scm/(?!port\\.ts|remembered\\.ts)' },
    },
    {
      name: 'approvals-pure',
      comment: 'what reviews come to is a function of facts, rules and a clock that is passed in',
      severity: 'error',
      from: { path: '^generators/approvals/', pathNot: `${tests}|/testing/` },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'product-without-tests',
      severity: 'error',
      from: { path: '^(plugin|generators)/', pathNot: tests },
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
