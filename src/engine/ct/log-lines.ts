// Lines of a container's logs as values: journal entries with time and level, all others as text. Whoever is inside wrote them: cut, and made
// harmless. Format of the journal: `journalctl -o json`, one object per line (systemd's JOURNAL_EXPORT_FORMATS).
import { plainText } from './console-tail.ts';

export interface LogLine {
  /** Milliseconds since 1970; null for what does not say. */
  readonly at: number | null;
  /** syslog(3): 0 emergency … 3 error, 4 warning … 7 debug; null for what does not say. */
  readonly level: number | null;
  /** Program that wrote it; "" for what does not say. */
  readonly from: string;
  readonly text: string;
}

const MAX_TEXT = 1000;
const MAX_NAME = 32;
/** A longer line is cut while it comes. */
const MAX_LINE = 16_384;

const harmless = (text: string, max: number): string => plainText(text.replaceAll('\t', ' ')).slice(0, max).trimEnd();

export const textLine = (text: string): LogLine => ({ at: null, level: null, from: '', text: harmless(text, MAX_TEXT) });

/** In the order of syslog(3). */
const SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'];
/** "Nov 21 16:03:01 host user.err program: text": syslogd of busybox writes facility and severity, others do not. */
const WITH_SEVERITY = /^\w{3} [ \d]\d \d\d:\d\d:\d\d \S{1,64} \w{1,16}\.(\w{3,6}) /;

/** A line of a file that syslogd writes. */
export function syslogLine(text: string): LogLine {
  const level = SEVERITIES.indexOf(WITH_SEVERITY.exec(text)?.[1] ?? '');
  return { ...textLine(text), level: level < 0 ? null : level };
}

function messageOf(message: unknown): string {
  if (typeof message === 'string') return message;
  // What is no UTF-8 comes as its bytes.
  return Array.isArray(message) ? Buffer.from(message.slice(0, MAX_LINE).map(Number)).toString('latin1') : '';
}

/** Anything but a journal entry is a line of text. */
export function journalLine(line: string): LogLine {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return textLine(line);
  }
  if (typeof entry !== 'object' || entry === null) return textLine(line);
  const level = Number(entry['PRIORITY'] ?? Number.NaN);
  const micros = Number(entry['__REALTIME_TIMESTAMP'] ?? Number.NaN);
  const from = entry['SYSLOG_IDENTIFIER'] ?? entry['_COMM'];
  return {
    at: Number.isFinite(micros) ? Math.floor(micros / 1000) : null,
    level: level >= 0 && level <= 7 ? level : null,
    from: typeof from === 'string' ? harmless(from, MAX_NAME) : '',
    text: harmless(messageOf(entry['MESSAGE']), MAX_TEXT),
  };
}

/** Takes bytes as they come and gives back whole lines; never keeps more than one line. */
export function lineSplitter(): (bytes: Uint8Array) => readonly string[] {
  const decoder = new TextDecoder();
  let rest = '';
  return (bytes) => {
    const parts = (rest + decoder.decode(bytes, { stream: true })).split(/\r?\n/);
    rest = (parts.pop() ?? '').slice(0, MAX_LINE);
    return parts.map((line) => line.slice(0, MAX_LINE));
  };
}
