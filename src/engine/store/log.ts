// The log file of vz.conf (LOGGING, LOGFILE, LOG_LEVEL), line by line as vzctl writes it. What vzdeck itself keeps is the journal.
import type { Host } from '../host/port.ts';
import type { NodeConfig } from './node-config.ts';

const two = (n: number): string => String(n).padStart(2, '0');

/** 2024-05-01T12:00:00+0200, in the node's time zone. */
function stamp(ms: number): string {
  const at = new Date(ms);
  const offset = -at.getTimezoneOffset();
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  return `${date}T${time}${zone}`;
}

/** Appends one event if vz.conf wants it. A log that cannot be written holds nothing up. */
export function logEvent(host: Pick<Host, 'files' | 'now'>, node: NodeConfig, id: number, event: { level: number; text: string }): void {
  const file = node.values.get('LOGFILE');
  if (!file || node.values.get('LOGGING') === 'no' || event.level > Number(node.values.get('LOG_LEVEL') ?? 0)) return;
  const container = id === 0 ? '' : `CT ${id} : `;
  try {
    host.files.append(node.shown(file), `${stamp(host.now())} vzctl : ${container}${event.text}\n`);
  } catch {
    // The original goes on without its log as well.
  }
}
