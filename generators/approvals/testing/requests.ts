import { exampleAtRest, type Replacement } from '../../../plugin/lifecycle/testing/example.ts';

export const AT_REST = exampleAtRest();

/** The example with a restore in place. */
export const restoring = (id: string, ...replacements: readonly Replacement[]): string =>
  `${exampleAtRest(...replacements)}  restore:
    id: ${id}
    mode: InPlace
    repository: repo1
    target: { time: "2026-11-22T10:00:00Z" }
`;

/** The example with a restore beside. */
export const restoringBeside = (id: string, stage: 'Prepare' | 'Switch'): string =>
  `${AT_REST}  restore:
    id: ${id}
    mode: Clone
    repository: repo1
    target: { time: "2026-11-22T10:00:00Z" }
    name: bestie-r1
    stage: ${stage}
`;
