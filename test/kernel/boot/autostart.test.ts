// The service of systemd over a shutdown and a power cut: containers come up with the node in the order that their configs give them, those that
// nobody has an opinion on as they were, and all go down with it in reverse. One part per boot.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEngine } from '../../../src/engine/open.ts';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';

/** The same in all boots. */
const ROOT = '/var/tmp/vzdeck-with-the-node';
const BOOT = Number(process.env['VZDECK_BOOT'] ?? 0);
const LAST = 3;
/** The job's own mounts come after the boot: the service needs the engine before. */
const ENGINE = '/srv/vzdeck';

const inBoot = (now: boolean): ((title: string, body: () => void) => void) => (now ? describe : () => {});
const suite = requires('root', 'launcher', 'boots', 'systemd');

const VALUES: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  101: { ONBOOT: 'yes', BOOTORDER: '1' },
  102: { ONBOOT: 'yes', BOOTORDER: '20' },
  103: { ONBOOT: 'yes', DISABLED: 'yes' },
  104: {},
  105: { ONBOOT: 'no' },
};

const sh = (line: string): string => {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { encoding: 'utf8', env: { ...process.env, VZDECK_ROOT: ROOT } });
  if (status !== 0) throw new Error(`${line}: ${status}: ${stderr}`);
  return stdout.trim();
};

const mountUnit = (what: string, where: string, options: string): string =>
  `[Unit]\nDefaultDependencies=no\nBefore=local-fs.target\n[Mount]\nWhat=${what}\nWhere=${where}\nType=ext4\nOptions=${options}\n[Install]\nWantedBy=local-fs.target\n`;

suite(`the service of the node in boot ${BOOT}`, () => {
  let lab: Lab;
  let unit: string;
  const states = (): string =>
    lab.engine
      .list()
      .map(({ id, state }) => `${id} ${state}`)
      .join(', ');
  /** Of this boot, in their order: the scripts of mount and umount write it. */
  const told = (): readonly string[] => {
    const file = join(ROOT, 'told');
    return existsSync(file)
      ? readFileSync(file, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
      : [];
  };

  beforeAll(() => {
    mkdirSync(ROOT, { recursive: true });
    lab = openLab(ROOT);
    unit = lab.engine.service().unit;
    if (BOOT === 1) return;
    // it is not for us to start it: the boot has asked for that, and may not be through
    expect(sh(`systemctl show --value -p ActiveState -p Job ${unit}`)).toMatch(/^(active|activating|[1-9])/m);
    try {
      sh(`timeout 300 systemctl start ${unit}`);
    } catch (error) {
      const looked = `systemctl list-jobs --no-pager; systemctl status --no-pager ${unit}; journalctl -b --no-pager -u ${unit}; ps ax`;
      throw new Error(sh(`${looked}; true`), { cause: error });
    }
  }, 60_000);
  afterAll(async () => {
    if (BOOT < LAST) return lab.engine.close();
    sh(`systemctl stop ${unit}`);
    await lab.engine.removeService();
    await lab.down();
  });

  inBoot(BOOT === 1)('before it ever went down', () => {
    test('it is installed, and started with the first container', async () => {
      writeFileSync('/etc/systemd/system/srv-vzdeck.mount', mountUnit('/dev/vdc', ENGINE, 'rw,noatime'));
      writeFileSync('/etc/systemd/system/srv-vzdeck-node_modules.mount', mountUnit('/dev/vdb', `${ENGINE}/node_modules`, 'ro,noatime'));
      mkdirSync(ENGINE, { recursive: true });
      sh('systemctl daemon-reload; systemctl enable --now srv-vzdeck.mount srv-vzdeck-node_modules.mount');
      const installer = openEngine({ home: ENGINE, root: ROOT });
      await installer.installService();
      installer.close();
      mkdirSync(`/etc/systemd/system/${unit}.d`, { recursive: true });
      writeFileSync(`/etc/systemd/system/${unit}.d/engine.conf`, `[Unit]\nRequiresMountsFor=${ENGINE}/node_modules\n`);
      sh('systemctl daemon-reload');
      expect(sh(`systemctl is-enabled ${unit}`)).toBe('enabled');
      lab.engine.bootstrap();
      for (const name of ['mount', 'umount'])
        writeFileSync(join(ROOT, `etc/vz/conf/vps.${name}`), `#!/bin/sh\necho ${name} $VEID >>${ROOT}/told\n`, { mode: 0o755 });
      for (const [id, values] of Object.entries(VALUES))
        await lab.engine.create(
          Number(id),
          { ostemplate: 'busybox', layout: 'overlay', values: { ...values, STOP_TIMEOUT: '60' } },
          lab.run,
        );
      await lab.engine.start(104, {}, lab.run);
      // the service is up by then, and what it starts by itself comes beside
      sh(`systemctl start ${unit}`);
      expect(sh(`systemctl is-active ${unit}`)).toBe('active');
      if (states().includes('105 stopped')) await lab.engine.start(105, {}, lab.run);
      expect(states()).toBe('101 running, 102 running, 103 stopped, 104 running, 105 running');
    });
  });

  inBoot(BOOT === 2)('after a shutdown', () => {
    test('those that were to come up are up, each in its turn, and those that were up and may', () => {
      expect(sh(`systemctl is-active ${unit}`)).toBe('active');
      expect(states()).toBe('101 running, 102 running, 103 stopped, 104 running, 105 stopped');
      const lines = told();
      const down = lines.indexOf('umount 101');
      // before: those without an order first, the highest last; afterwards: the highest first
      expect(lines.indexOf('umount 104')).toBeLessThan(down);
      expect(lines.indexOf('umount 105')).toBeLessThan(down);
      expect(lines.slice(down)).toEqual(['umount 101', 'umount 102', 'mount 102', 'mount 101', 'mount 104']);
    });

    test('each had stopped by itself: its init was asked, not killed', () => {
      for (const id of [101, 102, 104]) expect(lab.engine.outcome(id)).toBe(null);
      const entries = lab.engine.journal(100).entries.filter(({ verb }) => verb === 'stop');
      expect(entries.map(({ id, result }) => `${id} ${result}`).sort()).toEqual(['101 ok', '102 ok', '104 ok', '105 ok']);
    });
  });

  inBoot(BOOT === LAST)('after a power cut', () => {
    test('those that always come up are up; of the others nobody knows', () => {
      expect(states()).toBe('101 running, 102 running, 103 stopped, 104 stopped, 105 stopped');
      expect(told().slice(-2)).toEqual(['mount 102', 'mount 101']);
    });
  });
});
