// Leaving a node: what the engine keeps between containers goes, and nothing of a prefix that is somebody else's.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findTopology } from '../../src/engine/cgroup/topology.ts';
import { linuxFiles } from '../../src/engine/host/linux/files.ts';
import { HOME, openLab } from './lab.ts';
import { requires } from './requires.ts';
import { until } from './until.ts';

interface Ran {
  readonly status: number | null;
  readonly stderr: string;
}

requires(
  'root',
  'launcher',
  'busybox',
)('a node that is left', () => {
  test('has none of our cgroups any more, and takes containers again', async () => {
    const lab = openLab();
    const tops = () => {
      const { hierarchies, top } = findTopology(linuxFiles, '/proc', lab.engine.node.tag);
      return hierarchies.map((h) => `${h.mount}${top}`).filter((dir) => existsSync(dir));
    };
    try {
      await lab.born(101);
      expect(tops()).not.toEqual([]);
      await lab.engine.stop(101, { fast: true });
      for (const again of ['once', 'twice']) {
        await lab.engine.leave();
        expect(tops(), again).toEqual([]);
      }
      await lab.engine.start(101);
      await lab.engine.stop(101, { fast: true });
    } finally {
      await lab.down();
    }
  });

  test('has no mount of ours, whatever was killed on it and however often its place was made', async () => {
    const lab = openLab();
    const mounts = () =>
      readFileSync('/proc/self/mounts', 'utf8')
        .split('\n')
        .filter((line) => line.includes(lab.root));
    try {
      await lab.born(101);
      const pids = ['keeper', 'init'].map((who) => Number(readFileSync(`${lab.root}/run/vzdeck/101/${who}`, 'utf8').split(' ')[0]));
      for (const pid of pids) process.kill(pid, 'SIGKILL');
      await until(() => lab.engine.find('101')?.init === null);
      const place = `${lab.root}/run/vzdeck/bpf`;
      // a maker that was killed has made it over that of another one
      expect(spawnSync('mount', ['-t', 'bpf', 'none', place]).status).toBe(0);
      await lab.engine.leave();
      expect(mounts().filter((line) => line.includes(place))).toEqual([]);
      expect(existsSync(place)).toBe(false);
    } finally {
      await lab.down();
      expect(mounts()).toEqual([]);
    }
  });

  test('has no mount of a container whose stop was killed: stop --all is for that one too, and leaving does it where nobody has', async () => {
    const lab = openLab();
    const vzdeck = (...words: string[]): Ran => {
      const { status, stderr } = spawnSync(`${HOME}/bin/vzdeck`, words, {
        env: { ...process.env, VZDECK_ROOT: lab.root },
        encoding: 'utf8',
      });
      return { status, stderr };
    };
    const mounts = () => readFileSync('/proc/self/mounts', 'utf8').includes(`${lab.root}/var/lib/vz/root/101 `);
    try {
      await lab.engine.create(101, { values: {} });
      for (const also of [['stop', '--all', '--fast'], []]) {
        await lab.engine.start(101);
        // it is killed where its unmount begins
        const script = `${lab.root}/etc/vz/conf/101.umount`;
        writeFileSync(script, '#!/bin/sh\nkill -9 "$PPID"\n', { mode: 0o755 });
        expect(vzdeck('stop', '101', '--fast').status).toBe(null);
        unlinkSync(script);
        expect(mounts()).toBe(true);
        if (also.length > 0) expect(vzdeck(...also)).toEqual({ status: 0, stderr: '' });
        expect(mounts()).toBe(also.length === 0);
        expect(vzdeck('leave')).toEqual({ status: 0, stderr: '' });
        expect(mounts()).toBe(false);
      }
      await lab.engine.mount(101);
      const refused = 'Containers are mounted on this node: 101\nUnmount them first: vzdeck umount --all\n';
      expect(vzdeck('leave')).toEqual({ status: 32, stderr: refused });
      await lab.engine.umount(101);
    } finally {
      await lab.down();
    }
  });

  const systemd = requires('systemd', 'cgroup2-controllers');
  systemd('and its service', () => {
    test('stops the containers of its own prefix only', async () => {
      const [one, other] = [openLab(), openLab()];
      try {
        for (const lab of [one, other]) await lab.born(101);
        const { service } = findTopology(linuxFiles, '/proc', one.engine.node.tag);
        expect(spawnSync('systemctl', ['stop', service ?? '']).status).toBe(0);
        expect(one.engine.find('101')?.state).toBe('stopped');
        expect(readFileSync(`${one.root}/var/log/vzdeck/journal.d/000001`, 'utf8')).toMatch(/"verb":"stop".*"result":"ok"/);
        expect(other.engine.find('101')?.state).toBe('running');
        await one.engine.start(101);
        expect(one.engine.find('101')?.state).toBe('running');
      } finally {
        for (const lab of [one, other]) await lab.down();
      }
    });
  });

  test('says which containers run on it', async () => {
    const lab = openLab();
    try {
      await lab.born(101);
      const env = { ...process.env, VZDECK_ROOT: lab.root };
      const { status, stderr } = spawnSync(`${HOME}/bin/vzdeck`, ['leave'], { env, encoding: 'utf8' });
      expect(stderr).toBe('Containers run on this node: 101\nStop them first: vzdeck stop --all\n');
      expect(status).toBe(32);
    } finally {
      await lab.down();
    }
  });
});
