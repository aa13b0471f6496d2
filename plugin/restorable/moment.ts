/** Microseconds since 1970 in UTC, as exact as PostgreSQL's clock; a safe integer until the year 2255. */
export type Moment = number;

const FRACTION = /\.(\d+)/;

/**
 * @param text ISO 8601 with an offset, as the file's schema has it. What is finer than a microsecond is cut off: PostgreSQL knows
 * nothing finer.
 */
export function parseMoment(text: string): Moment {
  const fraction = FRACTION.exec(text)?.[1] ?? '';
  return Date.parse(text.replace(FRACTION, '')) * 1000 + Number(fraction.slice(0, 6).padEnd(6, '0'));
}

/** `2026-11-22 10:00:00.123456+00`: what `recovery_target_time` reads, whatever the server's time zone is. */
export function recoveryTime(moment: Moment): string {
  const [day = '', time = ''] = isoMoment(moment).slice(0, -1).split('T');
  return `${day} ${time}+00`;
}

/** ISO 8601, without a fraction where there is none. */
export function isoMoment(moment: Moment): string {
  const micros = ((moment % 1_000_000) + 1_000_000) % 1_000_000;
  const seconds = new Date((moment - micros) / 1000).toISOString().slice(0, 19);
  return `${seconds}${micros === 0 ? '' : `.${String(micros).padStart(6, '0').replace(/0+$/, '')}`}Z`;
}
