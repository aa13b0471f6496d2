import type { GENERATOR_ERRORS } from '../../plugin/errors/generator-errors.ts';
import { LifecycleError } from '../../plugin/errors/errors.ts';
import { GitFailure } from './git.ts';

type Code = keyof typeof GENERATOR_ERRORS;

/** Why a repository could not be fetched or read. */
export class RepositoryError extends LifecycleError {
  /** What was fetched may be damaged here, so that a new mirror may help. */
  readonly suspect: boolean;
  /** Without the code. */
  readonly detail: string;
  constructor(code: Code, detail: string, suspect = false) {
    super(code, detail);
    this.detail = detail;
    this.suspect = suspect;
  }
}

interface Cause {
  readonly form: RegExp;
  readonly code: Code;
  readonly detail: string;
  readonly suspect?: boolean;
}

/** The first that fits holds. Only these words are shown: what git prints may quote a server, and that a secret. */
const CAUSES: readonly Cause[] = [
  {
    form: /No space left on device|Disk quota exceeded|File too large|ENOSPC|EDQUOT|EFBIG/,
    code: 'generator-repository-unreadable',
    detail: 'the disk of the generator is full',
  },
  {
    form: /Host key verification failed/,
    code: 'generator-fetch-failed',
    detail: 'the host key of the server is none of known_hosts',
  },
  {
    form: /Authentication failed|could not read (?:Username|Password)|returned error: 40[13]|Permission denied \((?:publickey|password)|HTTP 40[13]/,
    code: 'generator-credentials-refused',
    detail: 'the server refuses them',
  },
  {
    form: /returned error: 404|[Rr]epository (?:.{0,1024} )?not found|does not appear to be a git repository/,
    code: 'generator-fetch-failed',
    detail: 'the server has no such repository, or hides it from these credentials',
  },
  {
    form: /returned error: 3\d\d|unable to update url base from redirection/,
    code: 'generator-fetch-failed',
    detail: 'the server redirects elsewhere, which is not followed',
  },
  {
    form: /transport '[a-z]+' not allowed/,
    code: 'generator-fetch-failed',
    detail: 'its protocol is not allowed (repositories[].allowHttp)',
  },
  {
    form: /returned error: 5\d\d/,
    code: 'generator-fetch-failed',
    detail: 'the server answered with an error of its own (5xx)',
  },
  {
    form: /SSL|certificate|gnutls/i,
    code: 'generator-fetch-failed',
    detail: 'the TLS certificate of the server is not trusted',
  },
  {
    form: /Could not resolve host|Couldn't connect|Failed to connect|Connection (?:refused|reset|timed out|closed)|Operation too slow|Empty reply|Recv failure|Network is unreachable/,
    code: 'generator-fetch-failed',
    detail: 'the server cannot be reached',
  },
  {
    form: /fsck error|badTree|object .{0,64}: (?:bad|missing|null|has|contains|zero|multiple|un)[A-Za-z]*:/,
    code: 'generator-repository-unreadable',
    detail: 'it holds objects that git takes for malformed',
  },
  {
    form: /early EOF|unexpected disconnect|hung up unexpectedly|expected flush|bad (?:line length|band)|invalid index-pack output|transfer closed|Partial file|protocol error|invalid server response|not valid: is this a git repository|unpack-objects|RPC failed/i,
    code: 'generator-fetch-failed',
    detail: 'what the server sent broke off, or is no answer of git',
    suspect: true,
  },
  {
    form: /./s,
    code: 'generator-repository-unreadable',
    detail: 'git cannot read what it has of it',
    suspect: true,
  },
];

/** @param url as the configuration names it. */
export function fetchFailure(error: unknown, url: string): RepositoryError {
  if (error instanceof RepositoryError) return error;
  if (error instanceof GitFailure && error.aborted)
    return new RepositoryError('generator-fetch-failed', `${url}: it took longer than limits.fetchSeconds`);
  if (error instanceof GitFailure && error.tooMuch) return tooMuch(url, 'the list of its branches');
  const text = textOfFailure(error, url);
  const cause = CAUSES.find(({ form }) => form.test(text));
  return new RepositoryError(
    cause?.code ?? 'generator-fetch-failed',
    `${url}: ${cause?.detail ?? 'unknown'}`,
    cause?.suspect ?? false,
  );
}

/** An output of git ended before its end, or is another than was asked for. */
export class NotWhole extends Error {
  override readonly name = 'NotWhole';
}

/** @returns what a mirror on this disk did not give; undefined where the error is about something else */
export function readFailure(error: unknown, url: string, what: string): RepositoryError | undefined {
  if (error instanceof RepositoryError) return error;
  if (error instanceof GitFailure && error.aborted)
    return new RepositoryError('generator-busy', `${url}: reading ${what} took too long`);
  if (error instanceof GitFailure && error.tooMuch) return tooMuch(url, what);
  if (!(error instanceof GitFailure || error instanceof NotWhole)) return undefined;
  return new RepositoryError('generator-repository-unreadable', `${url}: ${what} is not there whole`, true);
}

const tooMuch = (url: string, what: string): RepositoryError =>
  new RepositoryError('generator-over-limits', `${url}: ${what}: git lists more of it than can be read`);

/** Without what a server had git print (`remote: …`) and the URL, whose words could be taken for a cause. */
function textOfFailure(error: unknown, url: string): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .split(/[\r\n]+/)
    .filter((line) => !line.startsWith('remote:'))
    .join('\n')
    .replaceAll(url, '');
}
