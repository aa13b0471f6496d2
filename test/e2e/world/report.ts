import type { Decision } from '../../../plugin/lifecycle/status.ts';
import { say } from '../../lab/progress.ts';

/** What a scenario measured, for people: one line a figure on standard error. */
export function report(scenario: string, figures: Readonly<Record<string, string | number>>): void {
  say(`${scenario}:`);
  for (const [name, value] of Object.entries(figures)) say(`    ${name}: ${value}`);
}

/** The window and each of its parts, in seconds. */
export function windowFigures({ windowSeconds, window = {} }: Decision): Record<string, string> {
  const parts = Object.entries(window).map(([name, seconds]) => [`window: ${name}`, `${seconds.toFixed(1)} s`]);
  return { window: `${windowSeconds?.toFixed(1) ?? '?'} s`, ...(Object.fromEntries(parts) as Record<string, string>) };
}
