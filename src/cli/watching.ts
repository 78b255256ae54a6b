// One text again and again in the same place until Ctrl-C, as watch(1) shows it. Knows nothing of what it shows.

export interface WatchOptions {
  /** Seconds between two looks. */
  readonly every: number;
  /** What stands above it; "" for nothing. */
  readonly title: string;
  /** Show what has changed since the look before. */
  readonly differences: boolean;
}

/** Its own screen, no cursor; a long line ends at the edge instead of in the next one. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const TO_LINE_END = '\x1b[K';
const TO_END = '\x1b[J';

/** Characters that another text has in their place are shown in reverse. */
function marked(line: string, before: string | undefined): string {
  if (before === undefined || before === line) return line;
  const at = [...line].map((character, n) => (character === before[n] ? character : `\x1b[7m${character}\x1b[27m`));
  return at.join('').replaceAll('\x1b[27m\x1b[7m', '');
}

/** What does not fit is counted in the last line. */
function frame(text: string, before: readonly string[], { title, differences }: WatchOptions): { drawn: string; lines: readonly string[] } {
  const rows = process.stdout.rows ?? 24;
  const lines = text.replace(/\n$/, '').split('\n');
  const shown = differences && before.length > 0 ? lines.map((line, n) => marked(line, before[n])) : lines;
  const whole = title === '' ? shown : [title, '', ...shown];
  const hidden = whole.length - rows;
  const all = hidden > 0 ? [...whole.slice(0, rows - 1), `(${hidden + 1} lines more)`] : whole;
  return { drawn: `${HOME}${all.map((line) => `${line}${TO_LINE_END}`).join('\r\n')}${TO_END}`, lines };
}

/** Looks until SIGINT or SIGTERM; 0 then. Where nobody looks at a terminal the texts come one after another. */
export async function watching(options: WatchOptions, look: () => string | Promise<string>): Promise<number> {
  const terminal = process.stdout.isTTY === true;
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  process.once('SIGINT', () => stop()).once('SIGTERM', () => stop());
  let before: readonly string[] = [];
  let last = '';
  const draw = (text: string): void => {
    last = text;
    const { drawn, lines } = frame(text, before, options);
    process.stdout.write(drawn);
    before = lines;
  };
  const again = (): void => draw(last);
  if (terminal) process.stdout.write(ENTER);
  process.stdout.on('resize', again);
  let ended = false;
  try {
    while (!ended) {
      const text = await look();
      if (terminal) draw(text);
      else process.stdout.write(text);
      const wait = Promise.withResolvers<void>();
      const timer = setTimeout(wait.resolve, options.every * 1000);
      ended = await Promise.race([wait.promise.then(() => false), stopped.then(() => true)]);
      clearTimeout(timer);
    }
  } finally {
    process.stdout.off('resize', again);
    if (terminal) process.stdout.write(LEAVE);
  }
  return 0;
}
