// The texts of /proc/vz: veinfo, veip and vestat, printed to the byte as kernels of OpenVZ on 64 bits did (kernel/ve/vecalls.c). Knows no container, and nothing of where figures come from.

export interface VeInfo {
  readonly id: number;
  readonly numproc: number;
  readonly ips: readonly string[];
}

const address = (ip: string): string => ip.padStart(ip.includes(':') ? 39 : 15);

/** /proc/vz/veinfo: id, class (which nobody has used for long: 0), processes, addresses. */
export const veinfoText = (all: readonly VeInfo[]): string =>
  all
    .map(
      ({ id, numproc, ips }) =>
        `${String(id).padStart(10)} ${'0'.padStart(5)} ${String(numproc).padStart(5)}${ips.map((ip) => ` ${address(ip)}`).join('')}\n`,
    )
    .join('');

/** /proc/vz/veip: whose an address is. */
export const veipText = (all: readonly VeInfo[]): string =>
  `Version: 2.5\n${all.flatMap(({ id, ips }) => ips.map((ip) => `${ip.padStart(39)} ${String(id).padStart(10)}\n`)).join('')}`;

export interface VeStat {
  readonly id: number;
  /** CPU time, milliseconds. */
  readonly user: number;
  readonly nice: number;
  readonly system: number;
  /** Milliseconds. */
  readonly uptime: number;
}

const STAT_HEAD = ['VEID', 'user', 'nice', 'system', 'uptime', 'idle', 'strv', 'uptime', 'used', 'maxlat', 'totlat', 'numsched'];
const STAT_WIDTH = STAT_HEAD.length * 21;
const NS_PER_MS = 1_000_000;

const wide = (cell: string | number): string => String(cell).padStart(20);
const NEVER = `${wide(0)} ${wide(0)}`;

/** /proc/vz/vestat. Ticks are of 1 ms and cycles of 1 ns; idle time, and how long tasks waited for a CPU, mainline kernels count for nobody: 0. */
export function vestatText(all: readonly VeStat[]): string {
  let text = `${'Version: 2.2'.padEnd(STAT_WIDTH - 1)}\n${STAT_HEAD.map(wide).join(' ')}\n`;
  for (const { id, user, nice, system, uptime } of all) {
    const ticks = `${wide(Math.round(user))} ${wide(Math.round(nice))} ${wide(Math.round(system))} ${wide(Math.round(uptime))}`;
    const cycles = `${wide(Math.round(uptime * NS_PER_MS))} ${wide(Math.round((user + nice + system) * NS_PER_MS))}`;
    text += `${wide(id)} ${ticks} ${NEVER} ${cycles} ${NEVER} ${wide(0)}\n`;
  }
  return text;
}

/** A bridged device; names and MACs on the node and inside. */
export interface VeVeth {
  readonly id: number;
  readonly hostMac: string;
  readonly hostName: string;
  readonly mac: string;
  readonly ifname: string;
  /** It sends under its own MAC alone. */
  readonly filtered: boolean;
}

/** /proc/vz/veth (drivers/net/vzethdev.c): whose a device is, and whether it may change its MAC. */
export const vethText = (all: readonly VeVeth[]): string =>
  `Version: 1.0\n${all
    .map(({ id, hostMac, hostName, mac, ifname, filtered }) => {
      const names = [hostMac.toUpperCase().padStart(17), hostName.padStart(16), mac.toUpperCase().padStart(17), ifname.padStart(16)];
      return `${[...names, String(id).padStart(10), (filtered ? 'deny' : 'allow').padStart(5)].join(' ')}\n`;
    })
    .join('')}`;
