import type { Template } from '../lab/postgres/blue-green.ts';
import { KINDS, pointOf, type Kind, type Point } from './fault.ts';
import { runCase, SCENARIOS, type Case, type Scenario } from './run-case.ts';

/** An undisturbed run is to come to its end, however busy the machine is. */
const UNDISTURBED: Readonly<Record<Scenario, object>> = {
  commit: { budgetSeconds: 600 },
  hook: { budgetSeconds: 600 },
  budget: {},
};

/** Every kind of fault at every statement that the steps of an undisturbed run really send. */
export async function makeMatrix(template: Template): Promise<readonly Case[]> {
  const cases: Case[] = [];
  const known = new Set<string>();
  for (const scenario of SCENARIOS) {
    const { decision, points } = await runCase(template, { scenario, ...UNDISTURBED[scenario] });
    const expected = scenario === 'commit' ? 'Committed' : 'Aborted';
    if (decision !== expected) throw new Error(`${scenario}, undisturbed, ended as ${decision}`);
    for (const point of points) {
      // Until the fence stands a keeper does the same in every scenario.
      if (point.step === 'keeper' && known.has(pointOf(point))) continue;
      known.add(pointOf(point));
      cases.push(...kindsAt(point).map((kind) => ({ scenario, fault: { ...point, kind } })));
    }
  }
  return cases;
}

const kindsAt = ({ server, statement }: Point): readonly Kind[] =>
  KINDS.filter((kind) => kind !== 'twice' || (server === 'api' && !statement.startsWith('GET ')));
