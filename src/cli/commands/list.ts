// vzdeck list: containers as a person wants to see them, with what they use.
import { type CtSample, type Engine, humanBytes } from '../../engine/index.ts';

const HEAD = ['CTID', 'NAME', 'STATE', 'PROCESSES', 'MEMORY', 'UPTIME', 'LAYOUT', 'TEMPLATE'];
/** Columns with figures. */
const RIGHT = new Set([0, 3, 4, 5]);

const ofLimit = (held: string, limit: string | null): string => (limit === null ? held : `${held} of ${limit}`);

function uptime(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
}

function cells(ct: CtSample): readonly string[] {
  const runs = ct.init !== null;
  const { numproc, memory } = ct;
  return [
    String(ct.id),
    ct.name || '-',
    ct.unattended ? `${ct.state}, unattended` : ct.state,
    runs ? ofLimit(String(numproc.held), numproc.limit === null ? null : String(numproc.limit)) : '-',
    runs ? ofLimit(humanBytes(memory.held), memory.limit === null ? null : humanBytes(memory.limit)) : '-',
    runs ? uptime(ct.uptime) : '-',
    ct.layout || '-',
    ct.ostemplate || '-',
  ];
}

/** ProcessId has a bigint, which JSON does not know. */
const plain = ({ init, ...ct }: CtSample): object => ({ ...ct, pid: init?.pid ?? null });

/** All containers, or those with these ids; as a table or as one JSON array. */
export function list(engine: Engine, ids: readonly number[] | null, json: boolean): void {
  const sampler = engine.sampler(true);
  const containers = sampler.tick().containers.filter((ct) => ids === null || ids.includes(ct.id));
  sampler.close();
  if (json) {
    process.stdout.write(`${JSON.stringify(containers.map(plain))}\n`);
    return;
  }
  if (containers.length === 0) {
    process.stdout.write('No containers yet: vzdeck create --start makes one and starts it\n');
    return;
  }
  const rows = [HEAD, ...containers.map(cells)];
  const widths = HEAD.map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  const pad = (text: string, at: number): string => (RIGHT.has(at) ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0));
  for (const row of rows) process.stdout.write(`${row.map(pad).join('  ').trimEnd()}\n`);
  for (const ct of containers) if (ct.trouble !== '') process.stdout.write(`${ct.id}: ${ct.trouble}\n`);
}
