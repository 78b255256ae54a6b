// What parameters are checked against on this node: its CPUs, its devices, its first network card.

import type { Around } from '../spec/params/types.ts';
import { parseBitmap } from '../spec/units.ts';
import type { Files } from './port.ts';

const NET = '/sys/class/net';
const ETHERNET = '1';

/** Address of the Ethernet device with the lowest index, as `ip address` lists it first. */
function firstHardware(files: Files): string {
  const cards = (files.list(NET) ?? []).flatMap((name) => {
    const ethernet = files.read(`${NET}/${name}/type`)?.trim() === ETHERNET;
    return ethernet ? [{ index: Number(files.read(`${NET}/${name}/ifindex`)), address: files.read(`${NET}/${name}/address`)?.trim() }] : [];
  });
  return cards.sort((a, b) => a.index - b.index)[0]?.address ?? '00:00:00:00:00:00';
}

export function around(files: Files, free: NonNullable<Around['free']>): Around {
  return {
    free,
    get cpus() {
      return parseBitmap((files.read('/sys/devices/system/cpu/online') ?? '0').trim())?.length ?? 1;
    },
    device(path) {
      const info = files.stat(path);
      if (!info) return 'No such file or directory';
      return info.device ?? { type: 'other', major: 0 };
    },
    hardware: () => firstHardware(files),
  };
}
