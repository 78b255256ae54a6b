// What a kernel is asked, on the kernel; and that a try that fails is told from one that could not be made.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findTopology } from '../../src/engine/cgroup/topology.ts';
import { tryLimits } from '../../src/engine/ct/mechanisms.ts';
import { openLinuxHost } from '../../src/engine/host/linux/host.ts';
import { runProgram } from '../../src/engine/host/linux/run.ts';
import { LIMIT_PRELUDE, LIMIT_PROBES } from '../../src/engine/host/probe/limit-probes.ts';
import { perlPrelude } from '../../src/engine/host/probe/perl.ts';
import { ask, type Probe } from '../../src/engine/host/probe/probe.ts';
import { CONTROLLERS, PROBES, SHELL_PRELUDE } from '../../src/engine/host/probe/probes.ts';
import type { Finding } from '../../src/engine/index.ts';
import { openLauncher } from '../../src/engine/launcher/client.ts';
import { openEngine } from '../../src/engine/open.ts';
import { HOME } from './lab.ts';
import { LAUNCHER, requires } from './requires.ts';

/** What lxc-checkconfig of Debian's lxc 5 and 6 prints, less its headings. */
const CHECKCONFIG =
  `Namespaces|Utsname namespace|Ipc namespace|Pid namespace|User namespace|Network namespace|Cgroups|Cgroup namespace|Cgroup v1 mount points|
Cgroup v2 mount points|Cgroup v1 clone_children flag|Cgroup device|Cgroup sched|Cgroup cpu account|Cgroup memory controller|Cgroup cpuset|Veth pair device|
Macvlan|Vlan|Bridges|Advanced netfilter|CONFIG_IP_NF_TARGET_MASQUERADE|CONFIG_IP6_NF_TARGET_MASQUERADE|CONFIG_NETFILTER_XT_TARGET_CHECKSUM|
CONFIG_NETFILTER_XT_MATCH_COMMENT|FUSE (for use with lxcfs)|checkpoint restore|CONFIG_FHANDLE|CONFIG_EVENTFD|CONFIG_EPOLL|CONFIG_UNIX_DIAG|CONFIG_INET_DIAG|
CONFIG_PACKET_DIAG|CONFIG_NETLINK_DIAG|File capabilities`
    .replaceAll('\n', '')
    .split('|');

test('every line of lxc-checkconfig is answered, by one probe each, and every probe has a name of its own', () => {
  expect(PROBES.flatMap((probe) => probe.checkconfig ?? []).sort()).toEqual([...CHECKCONFIG].sort());
  expect(new Set(PROBES.map((probe) => probe.name)).size).toBe(PROBES.length);
});

const own = (script: string): Probe => ({ name: 'own', group: 'security', title: '', language: 'sh', script, use: '', without: '' });
const asked = (script: string): Promise<Finding> =>
  ask({ run: runProgram }, own(script), SHELL_PRELUDE, ['', ...CONTROLLERS.map(() => '')]);

requires('root')('a probe', () => {
  test('says what there is, what there is not and why, and what nobody could ask', async () => {
    expect(await asked('echo more')).toMatchObject({ answer: 'yes', detail: 'more' });
    expect(await asked('no "this is why"')).toMatchObject({ answer: 'no', detail: 'this is why' });
    expect(await asked('mount -t nonsense none /mnt')).toMatchObject({ answer: 'no', detail: expect.stringContaining('mount: /mnt') });
    expect(await asked('no-such-program')).toMatchObject({ answer: 'unknown', detail: 'no-such-program: not found' });
  });

  test('leaves nothing on the node, whatever it has mounted and made', async () => {
    const there = (): readonly string[] =>
      [...readFileSync('/proc/self/mounts', 'utf8').split('\n'), ...readdirSync('/tmp')].filter((text) => text.includes('vzdeck-probe.'));
    const before = there();
    await asked('mount -t tmpfs t "$scratch" && echo x > "$scratch/file"; no "and then it fails"');
    // tests beside this one ask as well
    await expect.poll(() => there().filter((text) => !before.includes(text))).toEqual([]);
  });
});

requires('root', 'launcher')('this kernel', () => {
  test('answers with what these tests stand on', async () => {
    const root = mkdtempSync('/tmp/vzdeck-probed-');
    const engine = openEngine({ home: HOME, root });
    try {
      const findings = await engine.probe();
      const answer = (name: string): string | undefined => findings.find((one) => one.name === name)?.answer;
      for (const name of ['mount', 'user', 'pid', 'net', 'cgroup', 'pids', 'memory', 'cpu', 'overlay', 'devpts', 'seccomp', 'epoll'])
        expect(`${name} ${answer(name)}`).toBe(`${name} yes`);
      const mounts = readFileSync('/proc/self/mounts', 'utf8');
      expect(answer('v1-mounts')).toBe(/ cgroup /.test(mounts) ? 'yes' : 'no');
      expect(answer('v2-mount')).toBe(/ cgroup2 /.test(mounts) ? 'yes' : 'no');
      expect(findings.find((one) => one.name === 'cgroup-mode')?.detail).toMatch(/^(v1|hybrid|v2)$/);
      expect(findings.some((one) => one.name.startsWith('idmap-') && one.answer === 'yes')).toBe(true);
      expect(readdirSync(root)).toEqual([]);
    } finally {
      engine.close();
      rmSync(root, { recursive: true });
    }
  });
});

requires('root', 'launcher')('limits that are tried', () => {
  test('by a look change no tree: where groups have not got a controller nobody can try, and a start gives it', async () => {
    const tree = mkdtempSync('/tmp/vzdeck-tree-');
    const given = `${tree}/cgroup.subtree_control`;
    const probe = LIMIT_PROBES.find(({ name }) => name === 'pids') as Probe;
    const prelude = `${perlPrelude(process.arch)}\n${LIMIT_PRELUDE}`;
    try {
      writeFileSync(given, 'cpu\n');
      expect(await ask({ run: runProgram }, probe, prelude, [tree, '', '', ''])).toMatchObject({ answer: 'unknown' });
      expect([readFileSync(given, 'utf8'), readdirSync(tree)]).toEqual(['cpu\n', ['cgroup.subtree_control']]);
      await ask({ run: runProgram }, probe, prelude, [tree, '', '', 'give']);
      expect(readFileSync(given, 'utf8')).toBe('+pids');
      // where they have it a look can try: this tree is none, so that nothing refuses
      writeFileSync(given, 'cpu pids\n');
      expect(await ask({ run: runProgram }, probe, prelude, [tree, '', '', ''])).toMatchObject({ answer: 'no', detail: 'it was begun' });
      expect(readFileSync(given, 'utf8')).toBe('cpu pids\n');
    } finally {
      rmSync(tree, { recursive: true });
    }
  });

  test('leave no file in a directory that others write to', async () => {
    const scripts = [...PROBES, ...LIMIT_PROBES].filter(({ script }) => /\/tmp\/\S*\$\$/.test(script)).map(({ name }) => name);
    expect(scripts).toEqual([]);
  });

  test('are told by name, each after running into it, and leave no group behind', async () => {
    const root = mkdtempSync('/tmp/vzdeck-limits-');
    const host = openLinuxHost(root, openLauncher(LAUNCHER));
    try {
      const limits = await tryLimits(host, findTopology(host.files, host.proc, 'vz-probed'), true);
      const answers = Object.fromEntries(
        limits.map(({ name, answer, detail }) => [name, answer === 'yes' ? 'yes' : `${answer}: ${detail}`]),
      );
      const v1 = readFileSync('/proc/self/mounts', 'utf8').match(/ cgroup \S*\bmemory\b/) !== null;
      expect(answers).toMatchObject({
        pids: 'yes',
        memory: 'yes',
        'tcp-buffers': 'yes',
        'tcp-memory': v1 ? 'yes' : expect.stringContaining('no: version 2'),
        'memory-low': v1 ? expect.stringContaining('no: version 1') : 'yes',
        shmall: 'yes',
        memlock: 'yes',
        devpts: 'yes',
        sigpending: 'yes',
      });
      const trees = [...readFileSync('/proc/self/mounts', 'utf8').matchAll(/^\S+ (\S+) cgroup2? /gm)].map(([, path]) => path ?? '');
      expect(trees.flatMap((tree) => readdirSync(tree)).filter((name) => name.startsWith('vz-probe'))).toEqual([]);
    } finally {
      host.launcher.close();
      rmSync(root, { recursive: true });
    }
  });
});
