import { Command, InvalidArgumentError } from 'commander';
import { EXIT } from '../plugin/errors/errors.ts';
import { VERSION } from '../plugin/commands/version.ts';

export interface GeneratorOptions {
  readonly config: string;
  readonly port: number;
  readonly mirrors: string;
  readonly check: boolean;
}

export const DEFAULTS = {
  config: '/etc/lifecycle-generator/config.yaml',
  port: 8080,
  mirrors: '/var/lib/lifecycle-generator/mirrors',
} as const;

const GUIDE = `
Exit codes: ${EXIT.ok} ended when told to, or checked, ${EXIT.problems} refused, ${EXIT.usage} called wrongly, ${EXIT.internal} a defect.
SIGTERM and SIGINT end it once what is being answered has ended; a second one ends it at once.
`;

export function buildGeneratorProgram(out: (text: string) => void): Command {
  return new Command('lifecycle-generator')
    .description('Finds lifecycle files and approvals for ApplicationSets of Argo CD.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .option('--config <file>', 'the configuration', DEFAULTS.config)
    .option('--port <number>', 'where it listens, on every address; 0 takes one that is free', port, DEFAULTS.port)
    .option('--mirrors <folder>', 'where it keeps what it has fetched; may be lost at any time', DEFAULTS.mirrors)
    .option('--check', 'check the configuration, with every problem at once, and end', false)
    .addHelpText('after', GUIDE)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: () => undefined, getOutHasColors: () => false });
}

function port(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('a port is a number from 0 to 65535');
}
