// A node for tests of values: two CPUs, a null device, a directory and a loop device below /dev.
import type { Around } from '../../../src/engine/spec/params/types.ts';

const DEVICES: Readonly<Record<string, ReturnType<Around['device']>>> = {
  '/dev/null': { type: 'char', major: 1 },
  '/dev/zero': { type: 'char', major: 1 },
  '/dev/net/tun': { type: 'char', major: 10 },
  '/dev/fd': { type: 'other', major: 0 },
  '/dev/loop0': { type: 'block', major: 7 },
};

export const AROUND: Around = {
  cpus: 2,
  device: (path) => DEVICES[path] ?? 'No such file or directory',
  hardware: () => '52:54:00:12:34:56',
};
