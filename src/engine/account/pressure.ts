// How much of the time somebody in a container waited for CPU, memory or disk: the kernel's pressure stall information, which it keeps per group
// of a v2 tree only. Format: Documentation/accounting/psi.rst.
import type { CgroupTopology } from '../cgroup/face.ts';
import type { Files } from '../host/port.ts';

/** Percent of the last 10 and 60 seconds in which at least one process waited. */
export interface Stall {
  readonly avg10: number;
  readonly avg60: number;
  /** Microseconds in which at least one process has waited since the group was made. */
  readonly total: number;
}

/** null: this kernel does not tell. */
export interface Pressure {
  readonly cpu: Stall | null;
  readonly memory: Stall | null;
  readonly io: Stall | null;
}

export function parseStall(text: string): Stall | null {
  const match = /^some avg10=([\d.]+) avg60=([\d.]+) avg300=[\d.]+ total=(\d+)/m.exec(text);
  return match ? { avg10: Number(match[1]), avg60: Number(match[2]), total: Number(match[3]) } : null;
}

/** @param fileOf the file of "cpu", "memory" or "io"; null where there is none */
function readStalls(files: Pick<Files, 'read'>, fileOf: (what: string) => string | null): Pressure {
  const read = (what: string): Stall | null => {
    const file = fileOf(what);
    try {
      return file === null ? null : parseStall(files.read(file) ?? '');
    } catch (error) {
      // EOPNOTSUPP: switched off, for the node or for this group.
      if ((error as NodeJS.ErrnoException).code === 'EOPNOTSUPP' || (error as NodeJS.ErrnoException).code === 'ENODEV') return null;
      throw error;
    }
  };
  return { cpu: read('cpu'), memory: read('memory'), io: read('io') };
}

export const readPressure = (files: Pick<Files, 'read'>, { unified, top }: CgroupTopology, id: number): Pressure =>
  readStalls(files, (what) => (unified === null ? null : `${unified}${top}/${id}/${what}.pressure`));

/** Of the whole node. */
export const readNodePressure = (files: Pick<Files, 'read'>, proc: string): Pressure =>
  readStalls(files, (what) => `${proc}/pressure/${what}`);
