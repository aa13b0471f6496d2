import type { ErrorCode } from '../../plugin/errors/errors.ts';
import type { Lifecycle } from '../../plugin/lifecycle/model.ts';
import { parseLifecycle } from '../../plugin/lifecycle/parse.ts';
import { checkRules } from '../../plugin/lifecycle/rules.ts';
import { checkShape } from '../../plugin/lifecycle/shape.ts';
import { decode } from '../../plugin/lifecycle/source/decode.ts';
import { holdsSecret } from '../../plugin/lifecycle/source/secrets.ts';
import { notSupportedYet } from '../../plugin/lifecycle/unsupported.ts';
import { factsOf, type Facts } from './facts.ts';
import { quickValue } from './quick-value.ts';

/** What a content says: a valid file's facts, or the first thing that is wrong with it. */
export type Reading = { readonly ok: true; readonly facts: Facts } | { readonly ok: false; readonly wrong: Wrong };

/** A problem of a file whose name is not known yet. */
export interface Wrong {
  readonly code: ErrorCode;
  readonly line: number;
  readonly column: number;
  readonly detail: string;
}

export function readContent(content: Uint8Array): Reading {
  const lifecycle = quickLifecycle(content);
  if (lifecycle) return { ok: true, facts: factsOf(lifecycle) };
  const result = parseLifecycle(content, '');
  if (result.ok) return { ok: true, facts: factsOf(result.lifecycle) };
  const [first] = result.problems;
  if (!first) return wrong('internal', 'the file is refused without a problem');
  const { code, line, column, detail } = first;
  return { ok: false, wrong: { code, line, column, detail } };
}

/**
 * The lifecycle of a valid file, as parseLifecycle gives it, in a quarter of its time.
 * @returns undefined where anything is wrong, or where the quicker reader is not sure
 */
export function quickLifecycle(content: Uint8Array): Lifecycle | undefined {
  const decoded = decode(content);
  if (!decoded.ok || holdsSecret(decoded.text)) return undefined;
  const read = quickValue(decoded.text);
  if (read === undefined) return undefined;
  const { lifecycle, draft } = checkShape(read.value);
  if (!lifecycle || checkRules(draft).length > 0 || notSupportedYet(lifecycle).length > 0) return undefined;
  return lifecycle;
}

export const wrong = (code: ErrorCode, detail: string): { readonly ok: false; readonly wrong: Wrong } => ({
  ok: false,
  wrong: { code, line: 1, column: 1, detail },
});

/** `file:line:col code: detail`, in one line. */
export function textOfWrong(file: string, { code, line, column, detail }: Wrong): string {
  return `${file}:${line}:${column} ${code}: ${detail}`.replace(/\p{Cc}/gu, '?');
}
