// Four inits side by side, each as its distribution ships it: all boot with nothing failed, reboot when they are asked inside, and end by
// themselves when they are asked from the node.
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
  /** What init calls itself. */
  readonly init: RegExp;
  /** Shell condition that is true when the boot is over. */
  readonly booted: string;
  /** Prints what has failed since the boot. */
  readonly failed: string;
}

const SYSTEMD = {
  init: /systemd|\/sbin\/init/,
  booted: 'systemctl is-system-running --wait 2>/dev/null | grep -qx "running\\|degraded"',
  failed: 'systemctl --failed --no-legend --plain',
};
const GUESTS: readonly Guest[] = [
  { id: 101, template: 'debian-12', ...SYSTEMD },
  { id: 102, template: 'debian-13', ...SYSTEMD },
  // its scripts say on the console what went wrong, and nowhere else
  {
    id: 103,
    template: 'debian-12-sysvinit',
    init: /^init \[2\]/,
    booted: 'test "$(runlevel)" = "N 2" && pidof sshd >/dev/null',
    failed: '',
  },
  { id: 104, template: 'busybox', init: /init/, booted: 'pidof getty || pidof login >/dev/null', failed: '' },
];

requires(
  'root',
  'launcher',
  'debian-12',
  'debian-13',
  'debian-12-sysvinit',
)('containers with different inits, side by side', () => {
  let lab: Lab;
  const boot = (id: number): GuestBoot => ({ id, booted: GUESTS.find((guest) => guest.id === id)?.booted ?? 'false' });
  const isUp = ({ id, booted }: GuestBoot): Promise<unknown> => lab.inside(id, `until ${booted}; do sleep 0.2; done`);
  const consoleOf = (id: number): string => readFileSync(join(lab.root, `var/log/vzdeck/${id}.console`), 'utf8');
  beforeAll(async () => {
    lab = openLab();
    lab.engine.bootstrap();
    await provideStock(lab.root, 'debian-12', 'debian-13', 'debian-12-sysvinit');
    await Promise.all(
      GUESTS.map(async ({ id, template }) => {
        await lab.engine.create(id, { ostemplate: template, values: { PHYSPAGES: '131072' } }, lab.run);
        await lab.engine.start(id, {}, lab.run);
      }),
    );
    for (const { id } of GUESTS) await isUp(boot(id));
  }, STOCK_TIMEOUT);
  afterAll(() => lab.down(), STOCK_TIMEOUT);

  describe.each(GUESTS)('$template', ({ id, init, failed, template }) => {
    const nothingFailed = async (): Promise<void> => {
      expect(failed === '' ? '' : (await lab.inside(id, failed)).out).toBe('');
      expect(consoleOf(id)).not.toMatch(/fail|error|denied|not permitted|respawning too fast/i);
    };

    test('boots with nothing failed, under its own init', async () => {
      await nothingFailed();
      expect((await lab.inside(id, 'tr "\\0" " " </proc/1/cmdline')).out).toMatch(init);
    });

    test('is nobody on the node', () => {
      const pid = lab.engine.find(String(id))?.init?.pid;
      const uids = /^Uid:\t(\d+)\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
      expect(Number(uids?.[1])).toBeGreaterThan(65_535);
      expect(uids?.[1]).toBe(uids?.[2]);
    });

    test('reboots when it is asked inside, and comes up with nothing failed', async () => {
      const before = lab.engine.find(String(id))?.init?.pid;
      await lab.inside(id, 'reboot');
      await expect.poll(() => lab.engine.find(String(id)), { timeout: 60_000 }).toMatchObject({ state: 'running' });
      await expect.poll(() => lab.engine.find(String(id))?.init?.pid ?? before, { timeout: 60_000 }).not.toBe(before);
      // a hand-over may still be on its way: whoever goes in too early is told so
      await expect.poll(() => isUp(boot(id)).then(() => 'up', String), { timeout: 60_000 }).toBe('up');
      await nothingFailed();
    });

    test('ends by itself when the node asks', async () => {
      lab.said();
      await lab.engine.stop(id, {}, lab.run);
      expect(lab.said().join('\n')).not.toMatch(/kill/i);
      expect(lab.engine.find(String(id))).toMatchObject({ state: 'stopped', trouble: '' });
      if (template === 'debian-12-sysvinit') expect(consoleOf(id)).toMatch(/INIT: Switching to runlevel: 0/);
    });
  });
});

interface GuestBoot {
  readonly id: number;
  readonly booted: string;
}
