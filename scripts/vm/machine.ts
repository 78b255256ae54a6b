// Starts QEMU with the test machine in it: one CPU, three disks, no network, ports to sockets of ours. Knows nothing of what is done in it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Accelerator } from './accelerator.ts';
import type { Image } from './image.ts';
import { type Monitor, openMonitor } from './monitor.ts';

/** Ports of the guest by number, as its side of a job opens them. */
const PORTS = ['terminal', 'output', 'errors', 'control', 'questions'] as const;
export type Port = (typeof PORTS)[number];

/** Tests run on two machines at once: what a second CPU would wait for the first, which is not running just then, costs more than it brings. */
const CPUS = 1;
/** Newer models clear and copy memory by instructions that TCG does byte by byte: everything takes a fifth longer. Tables are of translations, in MiB. */
const PROCESSOR: Readonly<Record<Accelerator, readonly string[]>> = {
  tcg: ['-cpu', 'Nehalem', '-accel', 'tcg,thread=multi,tb-size=512'],
  kvm: ['-cpu', 'host', '-accel', 'kvm'],
};
/** MiB. */
const MEMORY = 2048;
const KERNEL_ARGS = `console=ttyS0 quiet loglevel=4 panic=-1 oops=panic net.ifnames=0 audit=0 mitigations=off nokaslr no_timer_check
  8250.nr_uarts=1 random.trust_cpu=on tsc=reliable nowatchdog cgroup_no_v1=all systemd.show_status=0`;

export interface Guest {
  readonly ports: Readonly<Record<Port, Duplex>>;
  /** Resolves when the machine has ended, with the last lines that it and QEMU said. */
  readonly gone: Promise<string>;
  /** Seconds of the processor that it has taken so far; 0 when it has ended. */
  spent(): number;
  /** Ends the machine at once; `gone` follows. */
  end(): void;
}

export interface Parts {
  readonly accelerator: Accelerator;
  /** Disks. */
  readonly dependencies: string;
  readonly project: string;
}

/** How a machine comes to life: booted, booted on a disk of its own (to be saved with it), or resumed. */
export type Birth = { readonly how: 'boot' } | { readonly how: 'save' | 'resume'; readonly state: string };

/**
 * Resolves when QEMU runs and every port is connected. Throws Error with QEMU's words when it does not start. `reboots`: a reboot is one;
 * otherwise it is the machine's end, as a panic is. */
export async function launch(image: Image, parts: Parts, birth: Birth, reboots = false): Promise<Guest & { readonly monitor: Monitor }> {
  const dir = mkdtempSync(join(tmpdir(), 'vzdeck-vm-'));
  const at = (name: string): string => join(dir, name);
  const state = (name: string): string => (birth.how === 'boot' ? '' : join(birth.state, name));
  const root =
    birth.how === 'boot'
      ? `file=${image.root},format=raw,snapshot=on`
      : `file=${state('root')},format=qcow2,snapshot=${birth.how === 'save' ? 'off' : 'on'}`;
  const drives = [root, `file=${parts.dependencies},format=raw,readonly=on`, `file=${parts.project},format=raw,snapshot=on`];
  const sockets = Object.fromEntries([...PORTS, 'monitor'].map((name) => [name, accept(at(name))]));
  const args = [
    ...[
      '-nodefaults',
      '-no-user-config',
      '-display',
      'none',
      '-action',
      `reboot=${reboots ? 'reset' : 'shutdown'}`,
      '-rtc',
      'base=utc,driftfix=none',
    ],
    ...['-machine', 'q35,memory-backend=memory', '-object', `memory-backend-ram,id=memory,size=${MEMORY}M`, '-m', `${MEMORY}`],
    ...['-smp', `${CPUS}`, ...PROCESSOR[parts.accelerator]],
    // the first virtio device, as the names of ports in the guest count these
    ...['-serial', `file:${at('console')}`, '-device', 'virtio-serial-pci,id=ports'],
    ...PORTS.flatMap((name, number) => [
      ...['-chardev', `socket,id=${name},path=${at(name)}`],
      ...['-device', `${number === 0 ? 'virtconsole' : 'virtserialport'},bus=ports.0,nr=${number},chardev=${name}`],
    ]),
    ...['-chardev', `socket,id=monitor,path=${at('monitor')}`, '-mon', 'chardev=monitor,mode=control'],
    ...drives.flatMap((drive, i) => ['-drive', `${drive},if=none,id=disk${i},cache=unsafe`, '-device', `virtio-blk-pci,drive=disk${i}`]),
    ...['-device', 'virtio-rng-pci'],
    ...['-kernel', image.kernel, '-initrd', image.initrd, '-append', KERNEL_ARGS.replace(/\s+/g, ' ')],
    ...(birth.how === 'resume' ? ['-incoming', 'defer'] : []),
  ];
  const [file = '', ...words] = image.qemu;
  // it dies with us, however we die; and keys of the terminal are ours
  const qemu = spawn('setpriv', ['--pdeathsig', 'KILL', file, ...words, ...args], {
    env: { ...process.env, ...image.env, TMPDIR: dir },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  const errors = gathered(qemu);
  const gone = once(qemu, 'close').then(() => {
    const console = existsSync(at('console')) ? readFileSync(at('console'), 'latin1') : '';
    rmSync(dir, { recursive: true, force: true });
    return lastLines(console, errors());
  });
  const end = (): void => void qemu.kill('SIGKILL');
  const connected = Promise.all(Object.entries(sockets).map(async ([name, socket]) => [name, await socket] as const));
  const all = await Promise.race([connected, gone.then((said) => Promise.reject(new Error(`QEMU does not start: ${said}`)))]);
  const { monitor, ...ports } = Object.fromEntries(all) as Record<Port | 'monitor', Socket>;
  return { ports, gone, end, spent: () => processorSeconds(qemu.pid), monitor: openMonitor(monitor) };
}

/** What /proc counts in ticks, a hundred per second. */
function processorSeconds(pid: number | undefined): number {
  const file = `/proc/${pid}/stat`;
  const fields = existsSync(file)
    ? readFileSync(file, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')
    : [];
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
}

/** The first connection to a socket at a path. */
async function accept(path: string): Promise<Socket> {
  const server = createServer().listen(path);
  const [socket] = (await once(server, 'connection')) as [Socket];
  server.close();
  // it breaks when the machine ends
  socket.on('error', () => {});
  return socket;
}

/** What a program said on stderr so far. */
function gathered(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (more: string) => {
    text = (text + more).slice(-8192);
  });
  return () => text;
}

const KEPT_LINES = 15;

/** Why it died if that can be seen, and the end. */
function lastLines(console: string, errors: string): string {
  const lines = console.split(/[\r\n]+/);
  const why = lines.filter((line) => /Kernel panic|Oops|BUG:|initrd:/.test(line)).slice(0, 3);
  return [...why, ...lines.slice(-KEPT_LINES), ...errors.split('\n').slice(-5)]
    .filter(Boolean)
    .map((line) => `  | ${line.slice(0, 300)}`)
    .join('\n');
}
