// What only some kernels have and later parts stand on, proven with containers on the kernel that has it: project quota, VLAN, ipvlan, and
// refusals inside the kernel by BPF. Each is made by hand here, and asked from inside.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, openLab } from './lab.ts';
import { requires } from './requires.ts';

/** Throws what the script said on stderr. */
function sh(script: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('sh', ['-ec', script, 'sh', ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${script}: ${stderr}`);
  return stdout;
}

requires(
  'root',
  'launcher',
  'project-quota',
)('project quota below a private area', () => {
  let lab: Lab;
  let dir: string;
  beforeAll(async () => {
    dir = mkdtempSync('/var/tmp/vzdeck-quota-');
    lab = openLab(join(dir, 'prefix'));
    sh(
      'truncate -s 256M "$1/image" && mkfs.ext4 -q -O quota,project -E quotatype=prjquota "$1/image" && mkdir -p "$1/prefix/var" && mount -o loop,prjquota "$1/image" "$1/prefix/var"',
      dir,
    );
    await lab.born(101);
    // 4 MiB, for what is made below one directory
    sh('chattr -p 77 +P "$1/prefix/var/lib/vz/private/101/root"; setquota -P 77 0 4096 0 0 "$1/prefix/var"', dir);
  });
  afterAll(async () => {
    await lab.down();
    sh('umount "$1/prefix/var"', dir);
    rmSync(dir, { recursive: true });
  });

  test('holds for root inside, who learns that the disk is full', async () => {
    const { code, out } = await lab.inside(101, 'dd if=/dev/zero of=/root/big bs=64k count=256 2>&1');
    expect(code).not.toBe(0);
    expect(out).toMatch(/quota exceeded|No space left/i);
    const size = Number((await lab.inside(101, 'stat -c %s /root/big')).out);
    expect(size).toBeGreaterThan(0);
    expect(size).toBeLessThanOrEqual(4096 * 1024);
    expect(sh('repquota -P -n "$1/prefix/var"', dir)).toMatch(/^#77\s/m);
  });
});

/** Two containers with an interface each, made by `commands` between two ends of a veth pair in a namespace of the test's own. */
function linked(kind: 'vlan' | 'ipvlan', commands: string): void {
  requires(
    'root',
    'launcher',
    'ip',
    kind,
  )(`${kind} between two containers`, () => {
    let lab: Lab;
    beforeAll(async () => {
      lab = openLab();
      for (const id of [101, 102]) await lab.born(id);
    });
    afterAll(() => lab.down());

    test('carries packets', async () => {
      const inits = [101, 102].map((id) => String(lab.engine.find(String(id))?.init?.pid));
      const script = `ip link add name v1 type veth peer name v2; ip link set v1 up; ip link set v2 up; ${commands}; ip link set x1 netns "$1"; ip link set x2 netns "$2"; echo made; exec cat`;
      // the pair goes with its namespace, and what stands on it goes with the pair
      const between = spawn('unshare', ['-n', 'sh', '-ec', script, 'sh', ...inits], { stdio: ['pipe', 'pipe', 'inherit'] });
      const [said] = await Promise.race([once(between.stdout, 'data'), once(between, 'exit')]);
      expect(String(said)).toBe('made\n');
      for (const [i, id] of [101, 102].entries())
        expect(await lab.inside(id, `ip addr add 192.0.2.${i + 1}/24 dev x${i + 1} && ip link set x${i + 1} up`)).toMatchObject({
          code: 0,
        });
      expect((await lab.inside(101, 'ping -c 1 -w 20 192.0.2.2')).out).toMatch(/ 0% packet loss/);
      between.stdin.end();
      await once(between, 'exit');
    });
  });
}
linked('vlan', 'ip link add link v1 name x1 type vlan id 5; ip link add link v2 name x2 type vlan id 5');
linked('ipvlan', 'ip link add link v1 name x1 type ipvlan mode l2; ip link add link v1 name x2 type ipvlan mode l2');

requires(
  'root',
  'launcher',
  'bpf-trampoline',
)('BPF trampolines', () => {
  test('refuse a call inside the kernel, and are told as offered', async () => {
    const lab = openLab();
    try {
      expect((await lab.engine.probe()).find((one) => one.name === 'bpf-trampoline')).toMatchObject({ answer: 'yes' });
    } finally {
      await lab.down();
    }
  });
});
