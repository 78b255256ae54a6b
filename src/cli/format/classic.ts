// vzctl's own voice: which line goes where, at which verbosity. Nothing else of it is decided here.
import { drawable, type ErrorCode, systemRefusal, type VerbEvent, VzError } from '../../engine/index.ts';

/** Refusals that the original prints as progress, on stdout. */
const ON_STDOUT = new Set<ErrorCode>(['destroy-running', 'mounted']);

const SYSTEM_ERROR = 3;

export class ClassicVoice {
  readonly #verbosity: number;
  readonly #quiet: boolean;
  readonly #log: (event: VerbEvent) => void;

  constructor(verbosity: number, quiet: boolean, log: (event: VerbEvent) => void = () => {}) {
    this.#verbosity = verbosity;
    this.#quiet = quiet;
    this.#log = log;
  }

  say = (event: VerbEvent): void => {
    const { level, progress } = event;
    const text = drawable(event.text);
    if (progress) return;
    this.#log({ level, text });
    if (this.#quiet || level > this.#verbosity) return;
    (level < 0 ? process.stderr : process.stdout).write(`${text}\n`);
  };

  /** A refusal or failure, with what the original says after it. Returns the exit status. */
  fail(error: unknown): number {
    if (!(error instanceof VzError)) {
      const internal = `Internal error: ${error instanceof Error ? error.stack : String(error)}`;
      this.say({ level: -1, text: systemRefusal(error) ?? internal });
      return SYSTEM_ERROR;
    }
    const { code, fields } = error;
    const text =
      code === 'locked' ? `Locked by: pid ${fields['pid']}, cmdline ${fields['cmdline']}\nContainer already locked` : error.message;
    this.say({ level: ON_STDOUT.has(code) ? 0 : -1, text });
    if (error.remedy !== '') this.say({ level: 1, text: error.remedy });
    if (fields['after']) this.say({ level: -1, text: String(fields['after']) });
    return error.exit;
  }
}
