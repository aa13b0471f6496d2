import pg from 'pg';

/** Identifiers and literals for the statements that take no parameters (LOCK, ALTER ROLE). */
export const quoteIdentifier = (name: string): string => pg.escapeIdentifier(name);
export const quoteLiteral = (value: string): string => pg.escapeLiteral(value);
