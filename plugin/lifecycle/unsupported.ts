import type { Finding } from './finding.ts';
import type { Lifecycle } from './model.ts';

/** What is validated already but not acted upon; one finding a file. */
export function notSupportedYet({ spec: { green } }: Lifecycle): readonly Finding[] {
  if (green?.strategy === 'Replicate') return [unsupported('strategy', green.strategy)];
  if (green?.stage === 'Retire' || green?.stage === 'Rollback') return [unsupported('stage', green.stage)];
  return [];
}

function unsupported(field: 'strategy' | 'stage', value: string): Finding {
  return { code: 'not-supported-yet', path: ['spec', 'green', field], detail: `${field} ${value}` };
}
