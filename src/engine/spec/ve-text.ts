// The texts of /proc/vz: veinfo, veip and vestat, printed to the byte as kernels of OpenVZ on 64 bits did (kernel/ve/vecalls.c). Knows no container, and nothing of where figures come from.
import { putWide, WIDE } from './wide-column.ts';

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
  readonly cpu: { readonly user: number; readonly nice: number; readonly system: number };
  /** Seconds. */
  readonly uptime: number;
}

const STAT_HEAD = ['VEID', 'user', 'nice', 'system', 'uptime', 'idle', 'strv', 'uptime', 'used', 'maxlat', 'totlat', 'numsched'];
const STAT_LINE = STAT_HEAD.length * (WIDE + 1);
const STAT_TOP = `${'Version: 2.2'.padEnd(STAT_LINE - 1)}\n${STAT_HEAD.map((name) => name.padStart(WIDE)).join(' ')}\n`;
const MS_PER_S = 1000;
const US_PER_MS = 1000;
const [BLANK, NEWLINE] = [0x20, 0x0a];

/**
 * /proc/vz/vestat, whose figures are others at every look: bytes that hold until the next call. Ticks are of 1 ms and cycles of 1 ns; idle time, and how
 * long tasks waited for a CPU, mainline kernels count for nobody: 0.
 */
export function openVestat(): (all: readonly VeStat[]) => Uint8Array {
  let bytes = new Uint8Array();
  return (all) => {
    const size = STAT_TOP.length + all.length * STAT_LINE;
    if (bytes.length !== size) {
      bytes = new Uint8Array(size).fill(BLANK);
      for (let at = 0; at < STAT_TOP.length; at++) bytes[at] = STAT_TOP.charCodeAt(at);
    }
    let end = STAT_TOP.length - 1;
    const put = (value: number, zeros = 0): void => {
      end += WIDE + 1;
      putWide(bytes, end, Math.round(value), zeros);
    };
    for (const { id, cpu, uptime } of all) {
      const { user, nice, system } = cpu;
      const ms = uptime * MS_PER_S;
      put(id);
      put(user);
      put(nice);
      put(system);
      put(ms);
      put(0);
      put(0);
      put(ms, 6);
      put((user + nice + system) * US_PER_MS, 3);
      put(0);
      put(0);
      put(0);
      bytes[end] = NEWLINE;
    }
    return bytes;
  };
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
