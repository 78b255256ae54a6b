// CPU time of a container, apart by what it was used for. A v2 tree tells whoever has the controllers; otherwise version 1's cpuacct does.
import type { Files } from '../host/port.ts';
import type { CgroupTopology } from './face.ts';
import { fieldOf } from './usage.ts';

/** Milliseconds. nice is part of user where the kernel does not tell it apart (before 6.12). */
export interface CpuTimes {
  readonly user: number;
  readonly nice: number;
  readonly system: number;
}

const NONE: CpuTimes = { user: 0, nice: 0, system: 0 };
const US_PER_MS = 1000;
/** cpuacct.stat counts hundredths of a second. */
const MS_PER_TICK = 10;

export interface OpenCpuTimes {
  read(): CpuTimes;
  close(): void;
}

export function openCpuTimes(files: Files, { hierarchies, controllers, top }: CgroupTopology, id: number): OpenCpuTimes {
  const v2 = hierarchies.find((h) => h.version === 2);
  const h = v2 ?? controllers.get('cpuacct');
  const file = h ? files.openCounter(`${h.mount}${top}/${id}/${v2 ? 'cpu.stat' : 'cpuacct.stat'}`) : null;
  return {
    read() {
      const text = file?.read() ?? null;
      if (text === null) return NONE;
      if (!v2) return { user: fieldOf(text, 'user') * MS_PER_TICK, nice: 0, system: fieldOf(text, 'system') * MS_PER_TICK };
      const nice = fieldOf(text, 'nice_usec') / US_PER_MS;
      return { user: fieldOf(text, 'user_usec') / US_PER_MS - nice, nice, system: fieldOf(text, 'system_usec') / US_PER_MS };
    },
    close: () => file?.close(),
  };
}
