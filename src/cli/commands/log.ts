// vzdeck log: what a container logs inside, or what its console has printed; its last lines, or for ever.
import { type Engine, type LogFollow, type LogLine, VzError } from '../../engine/index.ts';
import { scanOptions } from '../args.ts';
import { CliExit } from '../command.ts';

const LOG_OPTIONS = [
  { name: 'follow', short: 'f', value: false, help: 'go on with what comes, until Ctrl-C' },
  { name: 'lines', short: 'n', value: true, hint: 'number', help: 'so many of the last lines (100)' },
  { name: 'console', value: false, help: 'what the console has printed, also of a container that does not run' },
] as const;

const LEVELS = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'info', 'debug'] as const;
const USUAL = 100;
const MOST = 10_000;

const two = (n: number): string => String(n).padStart(2, '0');

function when(at: number): string {
  const time = new Date(at);
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${time.toTimeString().slice(0, 8)}`;
}

/** "2026-11-21 16:03:01 error cron: text"; what nobody tells is left out. */
function shown({ at, level, from, text }: LogLine): string {
  const word = level !== null && level <= 4 ? `${LEVELS[level]} ` : '';
  return `${at === null ? '' : `${when(at)} `}${word}${from === '' ? '' : `${from}: `}${text}`;
}

/** ProcessId has no part in it: every line is one JSON object. */
const written = (line: LogLine, json: boolean): string => `${json ? JSON.stringify(line) : shown(line)}\n`;

interface Given {
  readonly last: number;
  readonly follow: boolean;
  readonly console: boolean;
}

/** Throws CliExit 20 for what is no number of lines. */
export function parseLog(words: readonly string[]): { readonly given: Given; readonly operands: readonly string[] } {
  let given: Given = { last: USUAL, follow: false, console: false };
  const operands = scanOptions(words, LOG_OPTIONS, ({ spec, value }) => {
    if (spec.name === 'follow') given = { ...given, follow: true };
    else if (spec.name === 'console') given = { ...given, console: true };
    else if (/^\d{1,5}$/.test(value) && Number(value) <= MOST) given = { ...given, last: Number(value) };
    else throw new CliExit(20, `${value} is no number of lines from 0 to ${MOST}`);
  });
  return { given, operands };
}

/** Who does not run, or stands still, can tell nothing: its console's file can. */
function withWay(error: unknown, id: number): unknown {
  if (!(error instanceof VzError) || !['not-running', 'frozen'].includes(error.code)) return error;
  return new CliExit(error.exit, `${error.message}; what its console has printed: vzdeck log ${id} --console`);
}

/** Resolves when there is no more, or the signal aborts. */
export async function log(engine: Engine, id: number, { last, follow, console }: Given, json: boolean, signal: AbortSignal): Promise<void> {
  let source: LogFollow | null = null;
  let said = '';
  const over = new Promise<void>((resolve, reject) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    engine
      .followLog(id, {
        source: console ? 'console' : 'inside',
        last,
        follow,
        named: () => {},
        lines: (lines) => {
          process.stdout.write(lines.map((line) => written(line, json)).join(''));
          source?.more();
        },
        ended: (reason) => {
          said = reason;
          resolve();
        },
      })
      .then((opened) => {
        source = opened;
        opened.more();
      }, reject);
  });
  try {
    await over;
  } catch (error) {
    throw withWay(error, id);
  } finally {
    (source as LogFollow | null)?.close();
  }
  if (said.startsWith('There is no log')) throw new CliExit(3, said);
}
