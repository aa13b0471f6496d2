import fc from 'fast-check';

const name = (maxLength: number): fc.Arbitrary<string> =>
  fc.stringMatching(new RegExp(`^[a-z]([-a-z0-9]{0,${maxLength - 2}}[a-z0-9])?$`));

const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });

/** Leaves out what is undefined: a field that is absent is not one without a value. */
function compact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(compact);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]): [string, unknown] => [key, compact(inner)]),
  );
}

const version = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/);
const cron = fc.constantFrom('0 1 * * 0', '*/15 * * * *', '0 4 1,15 * *', '30 2 * jan-jun MON-FRI', '5/10 0-6/2 ? * 6');

const volume = fc.record({
  volume: fc.record({ storage: fc.constantFrom('1Gi', '20Gi', '1.5Ti') }),
});
const cloud = fc.oneof(
  fc.record({
    s3: fc.record({
      bucket: name(20).map((each) => `b-${each}`),
      endpoint: fc.constant('s3.example.com'),
      region: name(10),
      uriStyle: optional(fc.constantFrom('host', 'path')),
      ca: optional(fc.constantFrom({ secret: 'ca' }, { secret: 'ca', key: 'tls.pem' })),
    }),
  }),
  fc.record({ gcs: fc.record({ bucket: name(20).map((each) => `b-${each}`) }) }),
  fc.record({ azure: fc.record({ container: name(20).map((each) => `b-${each}`) }) }),
);

const policy = fc.record({
  schedules: optional(fc.record({ full: cron, incremental: optional(cron) })),
  retention: optional(fc.record({ full: fc.integer({ min: 1, max: 99 }), fullType: fc.constantFrom('count', 'time') })),
  encryption: optional(fc.record({ cipher: fc.constant('aes-256-cbc'), secret: name(20) })),
});

const repositories = fc
  .array(fc.oneof(fc.tuple(volume, policy), fc.tuple(cloud, policy)), { minLength: 1, maxLength: 4 })
  .map((list) =>
    list.map(([backend, rest], index) => ({
      name: `repo${index + 1}`,
      ...backend,
      ...rest,
      ...('volume' in backend ? {} : { path: `/backups/${index}`, credentials: `login-${index}` }),
    })),
  );

const text = fc
  .string({ maxLength: 12 })
  .filter((each) => each.isWellFormed() && !/\p{Cc}|\p{Bidi_Control}|[\uFFFE\uFFFF]/u.test(each));

/** Values of valid lifecycle files: at rest, or with a green at Prepare or Switch. Names reach up to their limits. */
export const lifecycles: fc.Arbitrary<unknown> = fc
  .record({
    name: name(49),
    application: fc.record({
      kind: fc.constantFrom('Bestie', 'Deployment'),
      image: fc.constantFrom('bestie', 'quay.io/opdev/bestie', 'registry:5000/a/b_c'),
      port: optional(fc.integer({ min: 1, max: 65535 })),
      replicas: optional(fc.integer({ min: 1, max: 5 })),
      maxReplicas: optional(fc.integer({ min: 5, max: 9 })),
      migrations: optional(
        fc.record({ command: fc.array(fc.constantFrom('flask', 'db', 'upgrade', '--sql', '1'), { minLength: 1 }) }),
      ),
      preview: optional(
        fc.record({
          env: fc.uniqueArray(fc.record({ name: fc.constantFrom('WORKERS', 'MAIL', 'LEVEL'), value: text }), {
            selector: (entry) => entry.name,
          }),
        }),
      ),
    }),
    database: fc.record({
      postgresVersion: fc.integer({ min: 14, max: 18 }),
      storage: fc.constantFrom('10Gi', '1Ti'),
      user: name(20).map((each) => `u-${each}`),
      replicas: optional(fc.integer({ min: 1, max: 3 })),
      parameters: optional(fc.record({ work_mem: fc.constant('4MB'), jit: fc.boolean(), max_connections: fc.nat() })),
    }),
    backup: fc.record({
      repositories,
      onDemand: optional(fc.record({ id: name(20).map((each) => `b-${each}`), repository: fc.constant('repo1') })),
    }),
    traffic: fc.record({ service: name(40).map((each) => `traffic-${each}`) }),
    blue: fc.record({ name: name(35).map((each) => `a${each}`), version }),
    green: optional(
      fc.record({
        name: name(26).map((each) => `b${each}`),
        version,
        stage: fc.constantFrom('Prepare', 'Switch'),
        windowBudget: optional(fc.constantFrom('90s', '10m', '1h')),
        attempt: optional(fc.integer({ min: 1, max: 9999 })),
        verify: optional(fc.constantFrom('Physical', 'Full')),
      }),
    ),
  })
  .map(({ name: own, ...spec }) =>
    compact({ apiVersion: 'lifecycle.bestie.com/v1alpha1', kind: 'Lifecycle', metadata: { name: own }, spec }),
  );
