// Distributions with different inits side by side, each as it ships: all boot with nothing failed, reboot when they are asked inside, and
// end by themselves when they are asked from the node.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Lab, openLab } from './lab.ts';
import { requires } from './requires.ts';
import { provideStock, STOCK_TIMEOUT } from './stock.ts';

vi.setConfig({ testTimeout: 120_000 });

interface Guest {
  readonly id: number;
  readonly template: string;
  readonly layout: 'simfs' | 'overlay';
  /** What init calls itself. */
  readonly init: RegExp;
  /** Shell line that ends when the boot is over. */
  readonly booted: string;
  /** Prints what has failed since the boot; inits without a word about that say it on the console only. */
  readonly failed: string;
}

const SYSTEMD = {
  init: /systemd|\/sbin\/init/,
  // before systemd listens it answers at once, and not with a state
  booted: 'until systemctl is-system-running --wait 2>/dev/null | grep -qx "running\\|degraded"; do sleep 0.5; done',
  failed: 'systemctl --failed --no-legend --plain',
};
const GUESTS: readonly Guest[] = [
  { id: 101, template: 'debian-12', layout: 'overlay', ...SYSTEMD },
  { id: 102, template: 'debian-13', layout: 'simfs', ...SYSTEMD },
  {
    id: 103,
    template: 'debian-12-sysvinit',
    layout: 'simfs',
    init: /^init \[2\]/,
    booted: 'until pidof sshd getty >/dev/null && test "$(runlevel)" = "N 2"; do sleep 0.5; done',
    failed: '',
  },
  { id: 104, template: 'busybox', layout: 'simfs', init: /init/, booted: 'until pidof getty >/dev/null; do sleep 0.1; done', failed: '' },
];
/** A second container of 101's template. */
const TWIN = 105;

requires(
  'root',
  'launcher',
  'debian-12',
  'debian-13',
  'debian-12-sysvinit',
)('distributions', () => {
  let lab: Lab;
  const bootedOf = (id: number): string => GUESTS.find((guest) => guest.id === id)?.booted ?? SYSTEMD.booted;
  const consoleOf = (id: number): string => readFileSync(join(lab.root, `var/log/vzdeck/${id}.console`), 'utf8');
  const initOf = (id: number): number | undefined => lab.engine.find(String(id))?.init?.pid;

  async function born(id: number, template: string, layout: Guest['layout']): Promise<void> {
    await lab.engine.create(id, { ostemplate: template, layout, values: { PHYSPAGES: '131072', VZDECK_TTYS: '2' } }, lab.run);
    await lab.engine.start(id, {}, lab.run);
  }

  beforeAll(async () => {
    lab = openLab();
    lab.engine.bootstrap();
    await provideStock(lab.root, 'debian-12', 'debian-13', 'debian-12-sysvinit');
    await Promise.all(GUESTS.map(({ id, template, layout }) => born(id, template, layout)));
    await born(TWIN, 'debian-12', 'overlay');
    for (const id of [...GUESTS.map((guest) => guest.id), TWIN]) await lab.inside(id, bootedOf(id));
  }, STOCK_TIMEOUT);
  afterAll(() => lab.down(), STOCK_TIMEOUT);

  test('with systemd have a login on the console and on each terminal that they were given, and on no other', async () => {
    const units = (await lab.inside(101, 'systemctl list-units --no-legend --plain --state=running "*getty*" "vzdeck-tty*"')).out;
    const names = units.split('\n').map((line) => line.split(' ')[0]);
    expect(names.filter(Boolean).sort()).toEqual(['console-getty.service', 'vzdeck-tty@tty2.service']);
    expect((await lab.inside(101, 'journalctl -b --no-pager -t agetty')).out).not.toMatch(/agetty.*: (?!failed to open credentials)/);
  });

  test('of one template have an identity of their own each', async () => {
    const identities = [];
    for (const id of [101, TWIN]) identities.push((await lab.inside(id, 'cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub')).out);
    for (const identity of identities) expect(identity).toMatch(/^[0-9a-f]{32}\nssh-ed25519 /);
    expect(new Set(identities).size).toBe(2);
  });

  test('has no RSA host key, which takes longer to make than the rest of a boot, but where its server names one', async () => {
    expect((await lab.inside(101, 'cd /etc/ssh && ls *_key')).out).toBe('ssh_host_ecdsa_key\nssh_host_ed25519_key\n');
    const named =
      'cd /etc/ssh && rm *_key && echo "HostKey /etc/ssh/ssh_host_rsa_key" >sshd_config.d/rsa.conf && systemctl restart ssh-host-keys';
    expect((await lab.inside(TWIN, `${named} && ls *_key`)).out).toContain('ssh_host_rsa_key\n');
  });

  test('keep file capabilities through archive and id map: ping works for everybody', async () => {
    expect((await lab.inside(102, 'su -s /bin/sh nobody -c "ping -c 1 127.0.0.1"')).out).toMatch(/1 received/);
  });

  describe.each(GUESTS)('$template', ({ id, init, failed }) => {
    const nothingFailed = async (): Promise<void> => {
      expect(failed === '' ? '' : (await lab.inside(id, failed)).out).toBe('');
      expect(consoleOf(id)).not.toMatch(/fail|error|denied|not permitted|respawning too fast/i);
    };

    test('boots with nothing failed, under its own init, without udev and the kernel log', async () => {
      await nothingFailed();
      expect((await lab.inside(id, 'tr "\\0" " " </proc/1/cmdline')).out).toMatch(init);
      expect((await lab.inside(id, 'cat /proc/[0-9]*/comm')).out).not.toMatch(/udev|klogd/);
    });

    test('is nobody on the node', () => {
      const uids = /^Uid:\t(\d+)\t(\d+)/m.exec(readFileSync(`/proc/${initOf(id)}/status`, 'utf8'));
      expect(Number(uids?.[1])).toBeGreaterThan(65_535);
      expect(uids?.[1]).toBe(uids?.[2]);
    });

    test('reboots when it is asked inside, and comes up with nothing failed', async () => {
      const before = initOf(id);
      await lab.inside(id, 'reboot');
      await expect.poll(() => initOf(id) ?? before, { timeout: 60_000, interval: 500 }).not.toBe(before);
      // a hand-over may still be on its way: whoever goes in too early is told so
      await expect.poll(() => lab.inside(id, bootedOf(id)).then(({ code }) => code, String), { timeout: 60_000, interval: 500 }).toBe(0);
      await nothingFailed();
    });

    test('ends by itself when the node asks', async () => {
      lab.said();
      await lab.engine.stop(id, {}, lab.run);
      expect(lab.said().join('\n')).not.toMatch(/kill/i);
      expect(lab.engine.find(String(id))).toMatchObject({ state: 'stopped', trouble: '' });
    });
  });
});
