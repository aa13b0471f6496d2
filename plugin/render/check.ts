import { LABEL, instanceSelector } from '../plan/labels.ts';
import { canonicalJson } from '../plan/digest.ts';
import type { Plan } from '../plan/plan.ts';
import { CHECKS } from './checks.ts';
import type { KubernetesObject } from './kubernetes-object.ts';
import { at } from './look.ts';
import type { Part } from './part.ts';

/** One broken invariant of the output; an overridden template is the usual cause. */
export interface Violation {
  readonly invariant: string;
  readonly object: string;
  readonly problem: string;
}

export class InvariantError extends Error {
  readonly violations: readonly Violation[];
  constructor(violations: readonly Violation[]) {
    super(violations.map(({ invariant, object, problem }) => `${invariant}: ${object}: ${problem}`).join('\n'));
    this.violations = violations;
  }
}

const nameOf = ({ kind, metadata }: KubernetesObject): string => `${kind} ${metadata.name}`;

/**
 * Every object against every invariant, and no two of one kind and name.
 * @throws InvariantError with all violations
 */
export function checkObjects(objects: readonly KubernetesObject[], parts: readonly Part[], plan: Plan): void {
  const violations = objects.flatMap((object, index) => {
    const part = parts[index];
    if (!part) return [{ invariant: 'I2', object: nameOf(object), problem: 'is not part of the plan' }];
    return CHECKS.flatMap(({ invariant, check }) => {
      const problem = check(object, part);
      return problem === undefined ? [] : [{ invariant, object: nameOf(object), problem }];
    });
  });
  const traffic = objects.filter(({ metadata }) => metadata.labels?.[LABEL.service] === 'traffic');
  const selector = canonicalJson(instanceSelector(plan.lifecycle.metadata.name, plan.serves.name));
  if (traffic.length !== 1 || canonicalJson(at(traffic[0], 'spec', 'selector')) !== selector) {
    violations.push({
      invariant: 'I4',
      object: 'traffic Service',
      problem: 'must be there once and select what serves',
    });
  }
  const seen = new Set<string>();
  for (const object of objects) {
    const key = nameOf(object);
    if (seen.has(key)) violations.push({ invariant: 'I2', object: key, problem: 'is rendered twice' });
    seen.add(key);
  }
  if (violations.length > 0) throw new InvariantError(violations);
}
