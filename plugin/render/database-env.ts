/** The application's environment, from the operator's Secret (contract of the bestie image). */
const ENVIRONMENT = {
  DB_ADDR: 'host',
  DB_PORT: 'port',
  DB_DATABASE: 'dbname',
  DB_USER: 'user',
  DB_PASSWORD: 'password',
  DATABASE_URL: 'uri',
} as const;

export function databaseEnv(secret: string): readonly unknown[] {
  return Object.entries(ENVIRONMENT).map(([name, key]) => ({
    name,
    valueFrom: { secretKeyRef: { name: secret, key } },
  }));
}
