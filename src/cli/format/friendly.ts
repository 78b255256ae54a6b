// The voice of vzdeck: one line per container, a moving line while something takes time, and what to do when it did not work.
import { drawable, humanBytes, systemRefusal, type VerbEvent, VzError } from '../../engine/index.ts';
import { CliExit } from '../command.ts';

/** How one container fared. */
export interface Outcome {
  readonly id: number;
  readonly name: string;
  readonly verb: string;
  readonly seconds: number;
  readonly exit: number;
  readonly error: unknown;
}

/** What vzctl says because the original did: that there was nothing to remove. A removal that fails is told. */
const NEEDLESS = /^(stat\(.*\)|Warning: failed to remove .*): No such file or directory$/;

const CLEAR = '\r\x1b[K';
const BAR = 20;

/** The bottom line of a terminal that is written anew again and again; nothing at all elsewhere. */
class MovingLine {
  readonly #on = process.stderr.isTTY === true;
  #shown = false;

  show(text: string): void {
    if (!this.#on) return;
    process.stderr.write(`${CLEAR}${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
    this.#shown = true;
  }

  clear(): void {
    if (this.#shown) process.stderr.write(CLEAR);
    this.#shown = false;
  }
}

function bar(done: number, total: number): string {
  if (total <= 0) return '';
  const filled = Math.round((BAR * Math.min(done, total)) / total);
  return `${'#'.repeat(filled)}${'.'.repeat(BAR - filled)} ${Math.floor((100 * Math.min(done, total)) / total)} %`;
}

function amount({ done, total, unit }: NonNullable<VerbEvent['progress']>): string {
  if (unit !== 'bytes') return total > 0 ? `${done} of ${total} ${unit}` : `${done} ${unit}`;
  return total > 0 ? `${humanBytes(done)} of ${humanBytes(total)}` : humanBytes(done);
}

const PAST: Readonly<Record<string, string>> = {
  create: 'created',
  start: 'started',
  stop: 'stopped',
  restart: 'restarted',
  destroy: 'destroyed',
  delete: 'destroyed',
  mount: 'mounted',
  umount: 'unmounted',
  freeze: 'frozen',
  thaw: 'thawed',
  adopt: 'adopted',
  set: 'changed',
};

export class FriendlyVoice {
  readonly #line = new MovingLine();
  readonly #verbose: boolean;

  constructor(verbose: boolean) {
    this.#verbose = verbose;
  }

  /** What a verb says while it works; warnings stay, the rest moves on. */
  listener(label: string): (event: VerbEvent) => void {
    return ({ level, text, progress }) => {
      if (NEEDLESS.test(text)) return;
      const line = `${label}  ${drawable(text)}`;
      if (progress) this.#line.show(`${line}  ${bar(progress.done, progress.total)}  ${amount(progress)}`);
      else if (level < 0) this.print(line, process.stderr);
      else if (this.#verbose) this.print(line);
      else this.#line.show(line);
    };
  }

  print(text: string, to: NodeJS.WriteStream = process.stdout): void {
    this.#line.clear();
    to.write(`${text}\n`);
  }

  outcome({ id, name, verb, seconds, error }: Outcome): void {
    const label = name === '' ? String(id) : `${id} ${drawable(name)}`;
    if (error === null) {
      this.print(`${label}  ${PAST[verb] ?? verb} in ${seconds.toFixed(seconds < 10 ? 2 : 0)} s`);
      return;
    }
    for (const line of complaint(error)) this.print(`${label}  ${line}`, process.stderr);
  }

  clear(): void {
    this.#line.clear();
  }
}

/** Cause first, then the remedy, then what the container itself printed last. */
export function complaint(error: unknown): readonly string[] {
  if (error instanceof CliExit) return [error.message];
  if (!(error instanceof VzError)) {
    return [systemRefusal(error) ?? `Internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`];
  }
  const lines = String(error.fields['lines'] ?? '')
    .split('\n')
    .filter((line) => line !== '');
  return [error.message, ...(error.remedy === '' ? [] : [error.remedy]), ...lines.map((line) => `| ${line}`)].map(drawable);
}
