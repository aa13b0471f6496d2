import type { Command } from 'commander';
import { LifecycleError } from '../errors/errors.ts';
import type { Io } from './io.ts';

interface Words {
  readonly name: string;
  readonly description: string;
  /** Long options with their descriptions, as commander knows them. */
  readonly options: readonly { readonly flag: string; readonly description: string }[];
}

const wordsOf = (command: Command): Words => ({
  name: command.name(),
  description: command.description(),
  options: command.options.map(({ long, short, description }) => ({ flag: long ?? short ?? '', description })),
});

/** Prints a completion script, made from the commands' own definitions. */
export function completion(io: Io, program: Command, shell: string): void {
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell as keyof typeof SCRIPTS] : undefined;
  if (!script) throw new LifecycleError('usage', `completion knows bash, zsh and fish, not ${JSON.stringify(shell)}`);
  io.out(script(program.commands.map(wordsOf)));
}

const flags = ({ options }: Words): string => options.map(({ flag }) => flag).join(' ');
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

function bash(commands: readonly Words[]): string {
  const cases = commands.map((each) => `    ${each.name}) words="${flags(each)}" ;;`).join('\n');
  return `_lifecycle() {
  local words="" word="\${COMP_WORDS[COMP_CWORD]}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${commands.map(({ name }) => name).join(' ')} --version --help"
  else case "\${COMP_WORDS[1]}" in
${cases}
  esac; fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _lifecycle lifecycle
`;
}

function zsh(commands: readonly Words[]): string {
  const describe = commands.map(({ name, description }) => `    ${quoted(`${name}:${description}`)}`).join('\n');
  const cases = commands
    .map((each) => {
      const options = each.options.map(({ flag, description }) =>
        quoted(`${flag}[${description.replaceAll(/[[\]:]/g, '')}]`),
      );
      return `    ${each.name}) _arguments ${[...options, `'*:file:_files'`].join(' ')} ;;`;
    })
    .join('\n');
  return `#compdef lifecycle
_lifecycle() {
  local -a commands=(
${describe}
  )
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  shift words; (( CURRENT-- ))
  case "$words[1]" in
${cases}
  esac
}
compdef _lifecycle lifecycle
`;
}

function fish(commands: readonly Words[]): string {
  const lines = commands.flatMap(({ name, description, options }) => [
    `complete -c lifecycle -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
    ...options.map(
      ({ flag, description: text }) =>
        `complete -c lifecycle -n '__fish_seen_subcommand_from ${name}' -l ${flag.replace(/^--/, '')} -d ${quoted(text)}`,
    ),
  ]);
  return `${lines.join('\n')}\n`;
}

const SCRIPTS = { bash, zsh, fish } as const;
