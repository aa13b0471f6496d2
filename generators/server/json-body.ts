import { LifecycleError } from '../../plugin/errors/errors.ts';

/** What an ApplicationSet controller or a source host sends is nested less than half as deep. */
const MAX_DEPTH = 32;

/** @throws LifecycleError generator-bad-request, which quotes nothing of the body */
export function parseJson(body: unknown): unknown {
  const text = Buffer.isBuffer(body) ? decoded(body) : undefined;
  if (text === undefined) throw bad('its body is not UTF-8');
  if (isDeeper(text, MAX_DEPTH)) throw bad(`its body is nested more than ${MAX_DEPTH} levels deep`);
  try {
    return JSON.parse(text);
  } catch {
    throw bad('its body is no JSON');
  }
}

const bad = (detail: string): LifecycleError => new LifecycleError('generator-bad-request', detail);

function decoded(body: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}

/** Counted before anything is made of it. What stands in quotes nests nothing. */
function isDeeper(text: string, most: number): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (quoted && character === '\\') at += 1;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && (character === '[' || character === '{')) depth += 1;
    else if (!quoted && (character === ']' || character === '}')) depth -= 1;
    if (depth > most) return true;
  }
  return false;
}
