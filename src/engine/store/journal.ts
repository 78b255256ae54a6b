// Who did what when with which result: one JSON line per verb in log/vzdeck/journal. Values of passwords never come here.
import type { Host } from '../host/port.ts';
import { ifRoom } from '../host/room.ts';
import type { NodeConfig } from './node-config.ts';

export interface JournalEntry {
  readonly verb: string;
  readonly id: number;
  /** "ok", or the error's code. */
  readonly result: string;
  readonly detail?: string;
}

/** Bytes after which the journal becomes journal.1. */
const ROTATE = 4 << 20;

/** A journal that has no room holds nothing up. */
export function note(host: Host, node: NodeConfig, entry: JournalEntry): void {
  const path = `${node.logDir}/journal`;
  const line = { at: new Date(host.now()).toISOString(), uid: process.getuid?.() ?? 0, pid: process.pid, ...entry };
  ifRoom(() => {
    host.files.mkdir(node.logDir, 0o700);
    if ((host.files.stat(path)?.size ?? 0) > ROTATE) host.files.rename(path, `${path}.1`);
    host.files.append(path, `${JSON.stringify(line)}\n`, 0o600);
  });
}
