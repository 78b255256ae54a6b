// The real machine behind the port.
import { existsSync, readFileSync } from 'node:fs';
import { networkInterfaces, setPriority } from 'node:os';
import type { Launcher } from '../../launcher/launcher.ts';
import type { DeviceAddress, Host } from '../port.ts';
import { linuxFiles } from './files.ts';
import { pipeProgram } from './pipe.ts';
import { runProgram } from './run.ts';

/**
 * Field 22 of /proc/PID/stat; the command name before it may contain blanks and parentheses, so fields count from the last ')'.
 * A zombie has ended, however long its parent takes to notice.
 */
function startTime(proc: string, pid: number): bigint | null {
  try {
    const stat = readFileSync(`${proc}/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[19] === undefined || /[ZX]/.test(fields[0] ?? '') ? null : BigInt(fields[19]);
  } catch {
    return null;
  }
}

function setNice(pid: number, nice: number): void {
  try {
    setPriority(pid, nice);
  } catch (error) {
    if ((error as NodeJS.ErrnoException & { info?: { code?: string } }).info?.code !== 'ESRCH') throw error;
  }
}

const addresses = (): readonly DeviceAddress[] =>
  Object.entries(networkInterfaces()).flatMap(([device, list = []]) =>
    list.map(({ family, address, mac, internal }) => ({ device, family: family === 'IPv6' ? 6 : 4, address, mac, loopback: internal })),
  );

export function openLinuxHost(root: string, launcher: Launcher, proc = '/proc'): Host {
  return {
    root,
    planning: false,
    proc,
    files: linuxFiles,
    launcher,
    run: runProgram,
    pipe: pipeProgram,
    addresses,
    now: () => Date.now(),
    uptime: () => Number(process.hrtime.bigint() / 1_000_000n),
    setNice,
    isThere: (pid) => existsSync(`${proc}/${pid}`),
    startTime: (pid) => startTime(proc, pid),
  };
}
