import type { GENERATOR_ERRORS } from '../../plugin/errors/generator-errors.ts';
import { LifecycleError, type ErrorCode } from '../../plugin/errors/errors.ts';
import { isLifecycleError, oneLine } from '../../plugin/commands/failure.ts';

type GeneratorCode = keyof typeof GENERATOR_ERRORS;

/** The HTTP status of each refusal. Argo CD keeps its Applications at every one of them (I15); people and proxies tell them apart. */
export const STATUS: Readonly<Record<GeneratorCode, number>> = {
  'generator-config-invalid': 500,
  'generator-port-refused': 500,
  'generator-unauthorized': 401,
  'generator-bad-request': 400,
  'generator-request-too-large': 413,
  'generator-webhook-refused': 401,
  'generator-busy': 503,
  'generator-not-allowed': 403,
  'generator-fetch-failed': 502,
  'generator-credentials-refused': 502,
  'generator-revision-gone': 502,
  'generator-repository-unreadable': 500,
  'generator-over-limits': 500,
  'generator-shrunk': 500,
  'generator-scm-unreachable': 502,
  // Of files, beside their parameters; none of them refuses a call.
  'generator-namespace-invalid': 500,
  'generator-lifecycle-twice': 500,
  'generator-file-link': 500,
};

export interface Refusal {
  readonly status: number;
  readonly code: ErrorCode;
  /** `code: detail; remedy`, in one line. */
  readonly message: string;
}

/** A call that is no call of this interface, with a status that says more than 400. */
export const refusedAs = (status: 404 | 405, detail: string): LifecycleError =>
  Object.assign(new LifecycleError('generator-bad-request', detail), { status });

/** What a caller is told of whatever was thrown; of a defect nothing but that it is one. */
export function refusalOf(error: unknown): Refusal {
  const { status, type } = error as { readonly status?: unknown; readonly type?: unknown };
  if (isLifecycleError(error)) {
    const usual = Object.hasOwn(STATUS, error.code) ? STATUS[error.code as GeneratorCode] : 500;
    const message = oneLine(`${error.message}; ${error.remedy}`);
    return { status: typeof status === 'number' ? status : usual, code: error.code, message };
  }
  if (type === 'entity.too.large')
    return refusalOf(new LifecycleError('generator-request-too-large', 'its body is too large'));
  // Of Express and its parsers: the call cannot be read. Their texts may quote it.
  if (typeof status === 'number' && status >= 400 && status < 500)
    return { ...refusalOf(new LifecycleError('generator-bad-request', 'it cannot be read as HTTP')), status };
  return refusalOf(new LifecycleError('internal', 'it is in the log'));
}
