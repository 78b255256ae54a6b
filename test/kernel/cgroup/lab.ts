// Containers that are nothing but cgroups, below a top of the test's own: made by the engine's operations, filled with processes of the node.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { containerCgroups } from '../../../src/engine/cgroup/container.ts';
import type { CgroupTopology, ContainerCgroups, Limits } from '../../../src/engine/cgroup/face.ts';
import { NO_LIMITS } from '../../../src/engine/cgroup/limits.ts';
import type { Quantity, Usage } from '../../../src/engine/cgroup/quantities.ts';
import { ensureService } from '../../../src/engine/cgroup/service.ts';
import { findTopology, removeTop } from '../../../src/engine/cgroup/topology.ts';
import { openCounters } from '../../../src/engine/cgroup/usage.ts';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import { openLinuxHost } from '../../../src/engine/host/linux/host.ts';
import type { Host } from '../../../src/engine/host/port.ts';
import { openLauncher } from '../../../src/engine/launcher/client.ts';
import type { Op } from '../../../src/engine/spec/op.ts';
import { untilFile } from '../../../src/engine/watch/file.ts';
import { LAUNCHER } from '../requires.ts';

export const UNLIMITED: Limits = NO_LIMITS;
export const MIB = 2 ** 20;
/** First mapped id of the containers here. */
export const OWNER = 0x70000000;

const hidesV2: Host['files'] = {
  ...linuxFiles,
  read: (path) => {
    const text = linuxFiles.read(path);
    return path.endsWith('/mountinfo') ? (text ?? '').replace(/^.* - cgroup2 .*\n/gm, '') : text;
  },
};

const asFound = findTopology(linuxFiles, '/proc', '');

/** How this machine's trees can be seen: as they are, and a hybrid one also as if it had no v2 tree. */
export const VIEWS: readonly (readonly [string, Host['files']])[] = [
  [asFound.mode, linuxFiles],
  ...(asFound.mode === 'hybrid' ? [['v1', hidesV2] as const] : []),
];

export interface Inmate {
  readonly child: ChildProcess;
  /** Lines of stdout so far and to come. */
  line(): Promise<string>;
  say(text: string): void;
  /** Exit code, or name of the signal; stderr goes to the test's own. */
  readonly ended: Promise<number | string>;
}

export interface Cell {
  readonly ct: ContainerCgroups;
  /** Starts a shell command in the container, in `birth` and all v1 groups. */
  run(command: string, argv0?: readonly string[]): Promise<Inmate>;
  usage<Q extends Quantity>(...wanted: readonly Q[]): Pick<Usage, Q>;
  /** Pids directly in `birth`, or in the last v1 group. */
  processes(): readonly string[];
  /** Resolves when every process of the container has stopped, or goes on. */
  frozen(on: boolean): Promise<void>;
}

export class Lab {
  readonly host: Host;
  readonly topology: CgroupTopology;
  readonly #inmates: ChildProcess[] = [];

  constructor(files: Host['files']) {
    this.host = { ...openLinuxHost('/', openLauncher(LAUNCHER)), files };
    this.topology = findTopology(files, '/proc', `test${process.pid}`);
  }

  async open(): Promise<void> {
    await ensureService(this.host, this.topology, []);
  }

  ops(ops: readonly Op[]): Promise<void> {
    return this.host.launcher.ops({ ops });
  }

  async cell(id: number, limits: Partial<Limits> = {}): Promise<Cell> {
    const { topology } = this;
    const { files } = this.host;
    const ct = containerCgroups(files, topology, id);
    await this.ops(ct.create({ ...UNLIMITED, ...limits }, OWNER));
    const homes = [
      ...(ct.births.init === '' ? [] : [ct.births.init]),
      ...ct.attach().flatMap((op) => (op.op === 'attachCgroup' ? [op.path] : [])),
    ];
    return {
      ct,
      run: async (command, prefix = []) => {
        const argv = [...prefix, 'sh', '-c', command];
        const child = spawn('sh', ['-c', 'read go; exec "$@"', 'sh', ...argv], { stdio: ['pipe', 'pipe', 'inherit'] });
        this.#inmates.push(child);
        const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
        for (const home of homes) writeFileSync(`${home}/cgroup.procs`, String(child.pid));
        child.stdin?.write('go\n');
        return { child, ended, ...talk(child) };
      },
      usage: (...wanted) => {
        const counters = openCounters(files, topology, id, wanted);
        const values = counters.read();
        counters.close();
        if (!values) throw new Error(`no cgroups of ${id}`);
        return { ...values };
      },
      async frozen(on) {
        const { file, says, told } = ct.standstill ?? { file: '', says: '', told: false };
        await untilFile(files, file, told, (text) => text.includes(says) === on, new AbortController().signal);
      },
      processes: () => (files.read(`${homes.at(-1)}/cgroup.procs`) ?? '').split('\n').filter(Boolean),
    };
  }

  /** Ends and removes everything. */
  async close(ids: readonly number[]): Promise<void> {
    for (const id of ids) {
      const ct = containerCgroups(this.host.files, this.topology, id);
      await this.ops([
        ...ct.freeze(false).filter((op) => op.op !== 'write' || this.host.files.stat(op.path)),
        ...ct.kill(),
        ...ct.remove(),
      ]);
    }
    for (const child of this.#inmates) if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    if (this.topology.service === null) await this.ops(removeTop(this.topology));
    else await this.host.run('systemctl', ['stop', this.topology.service]);
    this.host.launcher.close();
  }
}

function talk(child: ChildProcess): Pick<Inmate, 'line' | 'say'> {
  let text = '';
  let wake = (): void => {};
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    wake();
  });
  child.stdout?.on('end', () => wake());
  return {
    say: (line) => void child.stdin?.write(`${line}\n`),
    async line() {
      for (;;) {
        const end = text.indexOf('\n');
        if (end >= 0) {
          const line = text.slice(0, end);
          text = text.slice(end + 1);
          return line;
        }
        if (child.stdout?.readableEnded) throw new Error('its output has ended');
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
