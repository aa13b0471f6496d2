import type { Template } from '../lab/postgres/blue-green.ts';
import { KINDS, pointOf, type Kind, type Point } from './fault.ts';
import { runCase, SCENARIOS, type Case, type Scenario } from './run-case.ts';

/** An undisturbed run is to come to its end, however busy the machine is. */
const UNDISTURBED: Readonly<Record<Scenario, object>> = {
  commit: { budgetSeconds: 600 },
  hook: { budgetSeconds: 600 },
  budget: {},
  'left open': { budgetSeconds: 600 },
  'left committed': { budgetSeconds: 600 },
};
const COMMITTED: readonly Scenario[] = ['commit', 'left committed'];

/** Every kind of fault at every statement that the steps of an undisturbed run really send. */
export async function makeMatrix(template: Template): Promise<readonly Case[]> {
  const cases: Case[] = [];
  const known = new Set<string>();
  for (const scenario of SCENARIOS) {
    const { decision, points } = await runCase(template, { scenario, ...UNDISTURBED[scenario] });
    const expected = COMMITTED.includes(scenario) ? 'Committed' : 'Aborted';
    if (decision !== expected) throw new Error(`${scenario}, undisturbed, ended as ${decision}`);
    for (const point of points) {
      // Until the fence stands a keeper does the same in every scenario, and a commit until the decision.
      if (['keeper', 'commit'].includes(point.step) && known.has(pointOf(point))) continue;
      known.add(pointOf(point));
      cases.push(...kindsAt(point).map((kind) => ({ scenario, fault: { ...point, kind } })));
    }
  }
  return cases;
}

/**
 * What outlives its own connection or stands in others' way. Where a statement does not, it is the same whether it was carried
 * out or never arrived.
 */
const LASTS =
  /: connect$|ALTER |LOCK |COMMIT|tcp_|set_config|pg_(terminate|cancel)_backend|advisory|origin_|emit_message|pg_create_|pg_switch_wal|pg_current_xact_id/;

function kindsAt({ server, statement }: Point): readonly Kind[] {
  const lasts = server === 'api' ? !statement.startsWith('GET ') : LASTS.test(statement);
  const never: readonly Kind[] = [
    ...(lasts ? [] : (['cut after', 'dark after'] as const)),
    ...(lasts && server === 'api' ? [] : (['twice'] as const)),
  ];
  return KINDS.filter((kind) => !never.includes(kind));
}
