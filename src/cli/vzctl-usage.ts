// vzctl's usage, from the tables of commands and parameters.
import { BEANCOUNTERS, ENGINE_VERSION } from '../engine/index.ts';
import type { Command } from './command.ts';
import { COMMANDS } from './vzctl-commands.ts';

const UNITS = { items: 'N', pages: 'P', bytes: 'B' } as const;
const PER_LINE = 3;

function optionsOf({ options = [] }: Command): string {
  return options
    .filter((o) => !o.hidden)
    .map((o) => `[--${o.name}${o.value ? ' V' : ''}]`)
    .join(' ');
}

function synopsis(word: string, command: Command): string {
  const more = command.synopsis ?? optionsOf(command);
  return `vzctl ${word} <ctid>${more === '' ? '' : ` ${more}`}\n    ${command.help}\n`;
}

function beancounters(): string {
  const cells = BEANCOUNTERS.map((b) => `--${b.name} ${UNITS[b.unit]}[:${UNITS[b.unit]}]`.padEnd(26));
  const rows = Array.from({ length: Math.ceil(cells.length / PER_LINE) }, (_, n) => cells.slice(n * PER_LINE, (n + 1) * PER_LINE));
  return rows.map((row) => `    ${row.join('').trimEnd()}\n`).join('');
}

export function vzctlUsage(): string {
  const words = Object.entries(COMMANDS).map(([word, command]) => synopsis(word, command));
  return [
    `vzctl version ${ENGINE_VERSION}\n`,
    'Part of vzdeck, under the MIT licence.\n\n',
    'Usage: vzctl [--verbose] [--quiet] [--skiplock] [--dry-run] <command> <ctid> [parameters]\n',
    '       vzctl --version | --help\n\n',
    ...words,
    '\nBeancounters of vzctl set (N items, P pages, B bytes; barrier:limit, a missing limit equals the barrier):\n',
    beancounters(),
    '\nvzdeck help set explains every parameter.\n',
  ].join('');
}
