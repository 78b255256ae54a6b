import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { containerCgroups } from '../../../src/engine/cgroup/container.ts';
import { NO_LIMITS } from '../../../src/engine/cgroup/limits.ts';
import { ensureService, leaveTop } from '../../../src/engine/cgroup/service.ts';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import { requires } from '../requires.ts';
import { type Cell, type Inmate, Lab, MIB, OWNER, UNLIMITED } from './lab.ts';

const suite = requires('root', 'launcher', 'systemd', 'cgroup2-controllers');

suite('the service that holds all containers of a node', () => {
  const lab = new Lab(linuxFiles);
  const unit = lab.topology.service ?? '';
  let scratch: string;
  /** A prefix may be called anything. */
  const stopped = (): string => `${scratch}/all "stopped"\\ 100%n $HOME \${HOME}`;
  const asked = async (property: string): Promise<string> =>
    (await lab.host.run('systemctl', ['show', '--value', '-p', property, unit])).stdout.trim();
  let ct: Cell;
  let sleeper: Inmate;

  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'vzdeck-service-'));
    await ensureService(lab.host, lab.topology, ['/bin/cp', `/sys/fs/cgroup${lab.topology.top}/cgroup.procs`, stopped()]);
    ct = await lab.cell(1);
    sleeper = await ct.run('echo on; exec sleep 1000');
    await sleeper.line();
  });
  afterAll(async () => {
    await lab.close([1, 2]);
    rmSync(scratch, { recursive: true });
  });

  it('is delegated and has no bound of its own on processes', async () => {
    expect(await asked('Delegate')).toBe('yes');
    expect(await asked('TasksMax')).toBe('infinity');
    expect(await asked('ControlGroup')).toBe(lab.topology.top);
    expect(linuxFiles.read(`/sys/fs/cgroup${lab.topology.top}/pids.max`)).toBe('max\n');
  });

  it('keeps groups and controllers when systemd looks at all units anew', async () => {
    await lab.host.run('systemctl', ['daemon-reload']);
    for (const dir of ct.ct.directories) expect(existsSync(dir)).toBe(true);
    expect(linuxFiles.read(`${ct.ct.directories[0]}/cgroup.controllers`)).toMatch(/memory.*pids/);
    await lab.ops(ct.ct.update({ ...NO_LIMITS, numproc: 9 }));
    expect(ct.usage('numprocLimit').numprocLimit).toBe(9);
  });

  it('goes on when a container is short of memory', async () => {
    const small = await lab.cell(2, { memory: 16 * MIB, swap: 0 });
    expect(await (await small.run('exec tail /dev/zero')).ended).toBe('SIGKILL');
    // systemd learns of it from the same file, and answers before it answers us
    expect(small.usage('oomKill').oomKill).toBe(1);
    expect(await asked('ActiveState')).toBe('active');
    expect(sleeper.child.exitCode ?? sleeper.child.signalCode).toBeNull();
  });

  it('a second start of it is none', async () => {
    await ensureService(lab.host, lab.topology, []);
    expect(await asked('ActiveState')).toBe('active');
  });

  it('stops containers by command first, then what is left', async () => {
    await lab.host.run('systemctl', ['stop', unit]);
    expect(existsSync(stopped())).toBe(true);
    expect(await sleeper.ended).toBe('SIGTERM');
    expect(existsSync(`/sys/fs/cgroup${lab.topology.top}`)).toBe(false);
  });

  it('goes whole when the engine leaves the node, and comes again', async () => {
    await leaveTop(lab.host, lab.topology);
    for (let again = 0; again < 2; again++) {
      await ensureService(lab.host, lab.topology, []);
      // what the first start does to it: its own process makes room, so that controllers can be handed on
      await lab.ops(containerCgroups(lab.host.files, lab.topology, 3).create(UNLIMITED, OWNER));
      expect(await asked('ActiveState')).toBe('active');
      await leaveTop(lab.host, lab.topology);
      expect(await asked('ActiveState')).toBe('inactive');
      expect(existsSync(`/sys/fs/cgroup${lab.topology.top}`)).toBe(false);
    }
  });
});
