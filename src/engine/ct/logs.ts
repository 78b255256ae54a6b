// The logs of a container as they grow: what its console has printed, from the keeper's file on the node, and what it logs inside, from a program
// that is sent in. Nothing inside is opened from outside, and who reads too slowly lets the writer wait instead of filling memory.
import type { Host } from '../host/port.ts';
import type { NodeConfig } from '../store/node-config.ts';
import { openProgram } from './enter.ts';
import { journalLine, type LogLine, lineSplitter, syslogLine, textLine } from './log-lines.ts';
import type { Reader, VerbContext } from './verb.ts';

export type { LogLine } from './log-lines.ts';
export type LogSource = 'console' | 'inside';

export interface LogRequest {
  readonly source: LogSource;
  /** So many of the last lines to begin with. */
  readonly last: number;
  /** Goes on with what comes; otherwise it ends by itself. */
  readonly follow: boolean;
  /** What is read: "journal", a file inside, "logread", "console"; "" when there is nothing. */
  readonly named: (what: string) => void;
  readonly lines: (lines: readonly LogLine[]) => void;
  /** Once, with a sentence; nothing comes after it. */
  readonly ended: (reason: string) => void;
}

export interface LogFollow {
  /** So much more may come: without it the source waits after a quarter of a mebibyte. */
  more(): void;
  close(): void;
}

const BUDGET = 1 << 18;
const CHUNK = 1 << 16;

/** A newest line of the journal, or of a file that syslogd writes, or of its memory. */
const SCRIPT = `
n=$1 f=$2
if command -v journalctl >/dev/null 2>&1 && { [ -d /run/log/journal ] || [ -d /var/log/journal ]; }; then
  echo journal
  exec journalctl -q --no-pager -o json --output-fields=PRIORITY,SYSLOG_IDENTIFIER,_COMM,MESSAGE -n "$n" \${f:+-f} 2>&1
fi
for file in /var/log/syslog /var/log/messages; do
  if [ -f $file ]; then echo $file; exec tail -n "$n" \${f:+-F} $file 2>&1; fi
done
if command -v logread >/dev/null 2>&1 && logread >/dev/null 2>&1; then echo logread; exec logread \${f:+-f} 2>&1; fi
echo none
`;

/** On a terminal journalctl paints what it says, also its JSON. */
const PLAIN = ['HOME=/', 'TERM=dumb', 'SYSTEMD_COLORS=0'];
const SIZE = { columns: 200, rows: 50 } as const;

/** Throws the table's refusal: who is frozen, or does not run, has nobody to ask. */
async function followInside(
  context: Reader & Pick<VerbContext, 'cgroups'>,
  id: number,
  { last, follow, named, lines, ended }: LogRequest,
): Promise<LogFollow> {
  const argv = ['sh', '-c', SCRIPT, 'sh', String(last), follow ? 'yes' : ''];
  const link = await openProgram(context, id, { argv, files: ['/bin/sh'], env: PLAIN }, SIZE);
  const split = lineSplitter();
  let what: string | null = null;
  let left = BUDGET;
  link.onData((bytes) => {
    left -= bytes.length;
    if (left <= 0) link.pause();
    const found = split(bytes);
    const rest = what === null ? found.slice(1) : found;
    if (what === null && found[0] !== undefined) {
      what = found[0] === 'none' ? '' : found[0];
      named(textLine(what).text);
    }
    if (rest.length > 0) lines(rest.map(what === 'journal' ? journalLine : syslogLine));
  });
  link.onEnd((reason) => ended(what === '' ? 'There is no log inside: no journal, no /var/log/syslog or messages' : reason));
  return {
    more() {
      left = BUDGET;
      link.resume();
    },
    close: () => link.close(),
  };
}

/** The keeper's file, and what it was called before it was begun anew. */
function followConsole(host: Host, node: NodeConfig, id: number, { last, follow, named, lines, ended }: LogRequest): LogFollow {
  const { files } = host;
  const path = `${node.logDir}/${id}.console`;
  let split = lineSplitter();
  let unwatch = (): void => {};
  let at = 0;
  let ino: number | null = null;
  let left = BUDGET;
  let closed = false;

  const readFrom = (file: string, from: number, most: number): Uint8Array => files.readAt(file, from, most) ?? new Uint8Array();
  const tell = (bytes: Uint8Array): void => {
    left -= bytes.length;
    const found = split(bytes).map(textLine);
    if (found.length > 0) lines(found);
  };
  const rest = (file: string): void => {
    for (let bytes = readFrom(file, at, CHUNK); bytes.length > 0 && left > 0; bytes = readFrom(file, at, CHUNK)) {
      at += bytes.length;
      tell(bytes);
    }
  };
  const grown = (): void => {
    const there = files.stat(path);
    if (closed || left <= 0) return;
    if (there !== null && ino !== null && there.ino !== ino) {
      rest(`${path}.1`);
      at = 0;
    }
    if (there !== null && there.ino !== ino) {
      ino = there.ino;
      unwatch();
      unwatch = files.watch(path, grown);
    }
    rest(path);
  };

  named('console');
  const size = files.stat(path)?.size ?? 0;
  const old = files.stat(`${path}.1`)?.size ?? 0;
  const before = size < CHUNK ? readFrom(`${path}.1`, Math.max(0, old - CHUNK), CHUNK) : new Uint8Array();
  const now = readFrom(path, Math.max(0, size - CHUNK), CHUNK);
  at = Math.max(0, size - CHUNK) + now.length;
  ino = files.stat(path)?.ino ?? null;
  const whole = Buffer.concat([before, now]);
  const cut = before.length === CHUNK || size > CHUNK;
  const begun = split(whole).slice(cut ? 1 : 0);
  if (last > 0 && begun.length > 0) lines(begun.slice(-last).map(textLine));
  if (follow) {
    unwatch = files.watch(path, grown);
    grown();
  } else ended('');
  return {
    more() {
      left = BUDGET;
      grown();
    },
    close() {
      closed = true;
      unwatch();
      split = lineSplitter();
    },
  };
}

/** Throws the table's refusal for what is logged inside a container that does not run, or is frozen; what its console printed is there always. */
export async function followLog(context: Reader & Pick<VerbContext, 'cgroups'>, id: number, request: LogRequest): Promise<LogFollow> {
  if (request.source === 'inside') return followInside(context, id, request);
  return followConsole(context.host, context.node, id, request);
}
