// What a node has for its containers: memory, processes, CPU power. From /proc, looked at once.
import type { Files } from '../host/port.ts';
import type { NodeMemory } from '../spec/node-memory.ts';

type Reading = Pick<Files, 'read'>;
const KIB = 1024;

/** Bytes. LowTotal is only told where a kernel of 32 bits cannot reach all memory. */
export function nodeMemory(files: Reading, proc: string): NodeMemory {
  const text = files.read(`${proc}/meminfo`) ?? '';
  const bytes = (name: string): number => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? 0) * KIB;
  const ram = bytes('MemTotal');
  return { low: bytes('LowTotal') || ram, ram, swap: bytes('SwapTotal') };
}

/** Processes and threads that may be at a time. */
export const threadsMax = (files: Reading, proc: string): number => Number(files.read(`${proc}/sys/kernel/threads-max`) ?? 0);

const UNITS_PER_BOGOMIPS = 25;

/** In CPU units, from the BogoMIPS of all CPUs; 0 where the kernel tells none. */
export function cpuPower(files: Reading, proc: string): number {
  const lines = (files.read(`${proc}/cpuinfo`) ?? '').match(/^bogomips\s*:\s*[\d.]+/gim) ?? [];
  return lines.reduce((sum, line) => sum + Number(line.slice(line.indexOf(':') + 1)), 0) * UNITS_PER_BOGOMIPS;
}
