// The real machine behind the port.
import { existsSync, readFileSync } from 'node:fs';
import { networkInterfaces, setPriority } from 'node:os';
import type { Launcher } from '../../launcher/launcher.ts';
import type { DeviceAddress, Host, Origin } from '../port.ts';
import { linuxFiles } from './files.ts';
import { pipeProgram } from './pipe.ts';
import { runProgram } from './run.ts';

/**
 * Fields 22 and 4 of /proc/PID/stat; the command name before it may contain blanks and parentheses, so fields count from the last ')'.
 * A zombie has ended, however long its parent takes to notice.
 */
function origin(proc: string, pid: number): Origin | null {
  try {
    const stat = readFileSync(`${proc}/${pid}/stat`, 'utf8');
    const [state = '', parent, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[17] === undefined || /[ZX]/.test(state) ? null : { startTime: BigInt(fields[17]), parent: Number(parent) };
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

/** A signal that is none, at a quarter of what looking for its directory costs. */
function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

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
    isThere: proc === '/proc' ? isThere : (pid) => existsSync(`${proc}/${pid}`),
    startTime: (pid) => origin(proc, pid)?.startTime ?? null,
    origin: (pid) => origin(proc, pid),
  };
}
