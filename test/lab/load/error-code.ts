/** SQLSTATE or a code of Node's such as ECONNRESET; undefined when there is none. */
export const errorCode = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;

/** The code tells more than the message, where there is one. */
export const reasonOf = (error: unknown): string => errorCode(error) ?? String(error);
