import { describe, expect, it } from 'vitest';
import { ensureService, transientService, unitText } from '../../../src/engine/cgroup/service.ts';
import { findTopology } from '../../../src/engine/cgroup/topology.ts';
import type { Host } from '../../../src/engine/host/port.ts';
import { type Machine, v2, v2Systemd } from './trees.ts';

const SYSTEMD = { '/run/systemd/system/': '' };

/** A node where `answers` says how each program ends. */
function node(m: Machine, answers: Readonly<Record<string, () => number>>) {
  const calls: string[] = [];
  const host = {
    files: m.files,
    proc: '/proc',
    async run(program: string, args: readonly string[]) {
      calls.push([program, ...args].join(' '));
      const status = answers[program]?.() ?? 127;
      return { status, stdout: '', stderr: status === 0 ? '' : `${program}: no\n` };
    },
  } as unknown as Host;
  return { calls, ensure: () => ensureService(host, findTopology(m.files, '/proc', 'ab'), ['/x/vzdeck', 'stop', '--all']) };
}

const appear = (m: Machine) => () => {
  m.content.set('/sys/fs/cgroup/system.slice/vz-ab.service/', '');
  return 0;
};

describe('the node’s service', () => {
  it('is nobody’s concern without systemd, and where it runs', async () => {
    const plain = node(v2(), {});
    await plain.ensure();
    const m = v2(SYSTEMD);
    appear(m)();
    const there = node(m, {});
    await there.ensure();
    expect([plain.calls, there.calls]).toEqual([[], []]);
  });

  it('is started when it is installed', async () => {
    const m = v2(SYSTEMD);
    const { calls, ensure } = node(m, { systemctl: appear(m) });
    await ensure();
    expect(calls).toEqual(['systemctl start vz-ab.service']);
  });

  it('is made when it is not', async () => {
    const m = v2(SYSTEMD);
    const { calls, ensure } = node(m, { systemctl: () => 5, 'systemd-run': appear(m) });
    await ensure();
    expect(calls[1]).toMatch(/^systemd-run .*--unit=vz-ab\.service .*--property=Delegate=yes/);
  });

  it('that somebody else makes at the same moment is no failure', async () => {
    const m = v2(SYSTEMD);
    const { ensure } = node(m, {
      systemctl: () => 5,
      'systemd-run': () => {
        appear(m)();
        return 1;
      },
    });
    await ensure();
  });

  it('that cannot be made is refused with the cause', async () => {
    const { ensure } = node(v2(SYSTEMD), { systemctl: () => 5, 'systemd-run': () => 1 });
    await expect(ensure()).rejects.toThrow('Starting vz-ab.service: systemd-run: no');
  });

  it('gives containers more than a service’s defaults', () => {
    const args = transientService('vz.service', ['/x/vzdeck', 'stop', '--all']);
    for (const property of ['Delegate=yes', 'TasksMax=infinity', 'OOMPolicy=continue', 'ExecStop=:"/x/vzdeck" "stop" "--all"'])
      expect(args).toContain(`--property=${property}`);
    expect(transientService('vz.service', []).join(' ')).not.toContain('ExecStop');
    expect(transientService('vz.service', ['/a b/100%/$x/"q"\\'])).toContain(String.raw`--property=ExecStop=:"/a b/100%/$x/\"q\"\\"`);
  });

  it('has a tree of its own to tell from', () => {
    expect(findTopology(v2Systemd().files, '/proc', '').service).toBe('vz.service');
  });
});

it('a unit file survives any prefix, and one container that fails fails nothing', () => {
  const text = unitText({
    start: ['/usr/bin/env', 'VZDECK_ROOT=/a b/100%', '/x/vzdeck', 'node', 'start'],
    stop: ['/x/"vz"', 'node', 'stop'],
    data: '/a b/100%/vz',
  });
  expect(text).toContain('\nRequiresMountsFor="/a b/100%%/vz"\n');
  expect(text).toContain('\nExecStartPost=-:"/usr/bin/env" "VZDECK_ROOT=/a b/100%%" "/x/vzdeck" "node" "start"\n');
  expect(text).toContain(String.raw`ExecStop=:"/x/\"vz\"" "node" "stop"`);
  for (const line of ['Delegate=yes', 'OOMPolicy=continue', 'TasksMax=infinity', 'TimeoutStopSec=infinity', 'WantedBy=multi-user.target'])
    expect(text).toContain(`\n${line}\n`);
});
