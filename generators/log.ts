import pino, { type Level, type Logger } from 'pino';
import { isLifecycleError } from '../plugin/commands/failure.ts';

/** Where clients of source hosts and of git keep what is secret, should one of their objects ever be logged. */
const HIDDEN = ['authorization', 'token', 'password', 'secret', 'signature', 'cookie'];

/**
 * JSON lines.
 * @param write takes one line, with its end
 * @param scrub takes secrets out of a line, whatever put them there
 */
export function createLog(
  write: (line: string) => void,
  scrub: (text: string) => string,
  level: Level = 'info',
): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: HIDDEN.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[secret]' },
      serializers: { err: serialized },
    },
    {
      write: (line) => {
        write(scrub(line));
      },
    },
  );
}

/** Only these: an error of a client holds its whole request, with its headers. */
function serialized(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack } = error;
  return isLifecycleError(error) ? { code: error.code, message } : { name, message, stack };
}
