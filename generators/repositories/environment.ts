/**
 * What every call of git is run with: no configuration but the mirror's own (mirror-config.ts), no question to a terminal, no protocol but
 * those of the configuration, paths as they are. Nothing else is inherited.
 */

/** The way out, and whom to trust on it, as whoever runs the generator has set it. */
const PASSED = [
  'PATH',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GIT_SSL_CAINFO',
] as const;

export type Environment = Readonly<Record<string, string>>;

export function gitEnvironment(
  inherited: Readonly<Record<string, string | undefined>>,
  { allowHttp }: { readonly allowHttp: boolean },
): Environment {
  const passed = PASSED.flatMap((name) => {
    const value = inherited[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(passed),
    LC_ALL: 'C',
    HOME: '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_ALLOW_PROTOCOL: allowHttp ? 'https:ssh:http' : 'https:ssh',
  };
}
