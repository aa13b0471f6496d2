import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { PROJECT, RUN } from '../paths.ts';

const PLUGIN_FILE = join(PROJECT, 'argocd/base/plugin.yaml');

interface PluginConfig {
  readonly spec: { readonly version: string };
}

const shipped = parse(readFileSync(PLUGIN_FILE, 'utf8')) as PluginConfig;

/** The version that the project's own plugin.yaml declares. */
export const PLUGIN_VERSION = shipped.spec.version;

/** What a release after this one would bring: the same program under another version, for tests of an upgrade. */
export const NEXT_PLUGIN_VERSION = `${PLUGIN_VERSION}-next`;

/** The folder that a cmp-server reads plugin.yaml from; another version's file differs in nothing but that. */
export function pluginConfigFolder(version: string): string {
  const folder = join(RUN, 'plugins', version);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'plugin.yaml');
  if (version === PLUGIN_VERSION) copyFileSync(PLUGIN_FILE, file);
  else writeFileSync(file, stringify({ ...shipped, spec: { ...shipped.spec, version } }));
  return folder;
}
