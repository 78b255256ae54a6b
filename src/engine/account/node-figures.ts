// The node's own figures from /proc, through files that stay open. Formats: proc(5).
import type { CounterFile, Files } from '../host/port.ts';
import { PAGE } from '../spec/units.ts';
import type { NodeSize } from '../spec/validate/rules.ts';

export interface NodeFigures {
  readonly hostname: string;
  readonly cpus: number;
  /** Percent of all CPUs since the last reading, null at the first. */
  readonly cpu: number | null;
  /** Bytes; held = what is not available to new programs. */
  readonly memory: { readonly held: number; readonly limit: number };
  readonly load: readonly [number, number, number];
}

const KIB = 1024;

/** user nice system idle iowait irq softirq steal; guest times are contained in user and nice. */
const TIMES = 8;
const IDLE = 3;
const IOWAIT = 4;

export interface CpuTimes {
  readonly busy: number;
  readonly all: number;
}

export function cpuTimes(stat: string): CpuTimes {
  const fields = stat.slice(0, stat.indexOf('\n')).trim().split(/\s+/);
  const times = fields.slice(1, 1 + TIMES).map(Number);
  const all = times.reduce((sum, t) => sum + t, 0);
  return { busy: all - (times[IDLE] ?? 0) - (times[IOWAIT] ?? 0), all };
}

/** Lines "cpu0 …", "cpu1 …" of /proc/stat: the CPUs that are online. */
export const cpuCount = (stat: string): number => stat.match(/^cpu\d+ /gm)?.length ?? 0;

export function kib(meminfo: string, key: string): number {
  const at = meminfo.indexOf(`${key}:`);
  return at < 0 ? 0 : Number.parseInt(meminfo.slice(at + key.length + 1), 10) * KIB;
}

export function memoryOf(meminfo: string): NodeFigures['memory'] {
  const limit = kib(meminfo, 'MemTotal');
  return { held: limit - kib(meminfo, 'MemAvailable'), limit };
}

/** In pages. */
export const sizeOf = (meminfo: string): NodeSize => ({
  ram: BigInt(kib(meminfo, 'MemTotal')) / PAGE,
  swap: BigInt(kib(meminfo, 'SwapTotal')) / PAGE,
});

export function loadOf(loadavg: string): NodeFigures['load'] {
  const [one = 0, five = 0, fifteen = 0] = loadavg.split(' ', 3).map(Number);
  return [one, five, fifteen];
}

/** Iowait of an idle CPU may run backwards (proc(5)), so neither part of the quotient is trusted. */
export function cpuPercent(before: CpuTimes, now: CpuTimes): number {
  const all = now.all - before.all;
  return all <= 0 ? 0 : Math.min(100, Math.max(0, (100 * (now.busy - before.busy)) / all));
}

export function openNodeFigures(files: Files, proc: string): { read(): NodeFigures; close(): void } {
  const open = (name: string): CounterFile | null => files.openCounter(`${proc}/${name}`);
  const stat = open('stat');
  const meminfo = open('meminfo');
  const loadavg = open('loadavg');
  const hostname = open('sys/kernel/hostname');
  const text = (file: CounterFile | null): string => file?.read() ?? '';
  let before: CpuTimes | null = null;
  return {
    read() {
      const times = text(stat);
      const now = cpuTimes(times);
      const cpu = before && cpuPercent(before, now);
      before = now;
      return { hostname: text(hostname).trim(), cpus: cpuCount(times), cpu, memory: memoryOf(text(meminfo)), load: loadOf(text(loadavg)) };
    },
    close() {
      for (const file of [stat, meminfo, loadavg, hostname]) file?.close();
    },
  };
}
