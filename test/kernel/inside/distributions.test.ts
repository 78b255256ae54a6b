// Host name, resolver, time zone and passwords on real trees: stock Debian with systemd, whose own programs tell what they know of it, also where
// systemd-resolved keeps the resolver as in Ubuntu, and stock Debian with sysvinit.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';
import { provideStock, STOCK_TIMEOUT } from '../stock.ts';

vi.setConfig({ testTimeout: 120_000 });

const BOOTED = 'until systemctl is-system-running --wait 2>/dev/null | grep -qx "running\\|degraded"; do sleep 0.5; done';
const GUESTS = [
  { id: 101, template: 'debian-13', layout: 'overlay', booted: BOOTED },
  { id: 102, template: 'debian-12-sysvinit', layout: 'simfs', booted: 'until pidof getty >/dev/null; do sleep 0.5; done' },
  { id: 103, template: 'debian-12-resolved', layout: 'overlay', booted: BOOTED },
] as const;
const FIRST = { HOSTNAME: 'first.example.org', NAMESERVER: '10.9.9.1', SEARCHDOMAIN: 'example.org', VZDECK_TIMEZONE: 'Asia/Tokyo' };

requires(
  'root',
  'launcher',
  'debian-13',
  'debian-12-sysvinit',
  'debian-12-resolved',
)('inside a distribution', () => {
  let lab: Lab;
  const out = async (id: number, line: string): Promise<string> => (await lab.inside(id, line)).out.trim();

  beforeAll(async () => {
    lab = openLab();
    lab.engine.bootstrap();
    await provideStock(lab.root, 'debian-13', 'debian-12-sysvinit', 'debian-12-resolved');
    for (const { id, template, layout } of GUESTS) {
      await lab.engine.create(id, { ostemplate: template, layout, values: FIRST }, lab.run);
      await lab.engine.start(id, {}, lab.run);
    }
    for (const { id, booted } of GUESTS) await lab.inside(id, booted);
  }, STOCK_TIMEOUT);
  afterAll(() => lab.down(), STOCK_TIMEOUT);

  describe.each(GUESTS)('$template', ({ id, booted }) => {
    test('has its names from the first boot on', async () => {
      expect(await out(id, 'hostname; cat /etc/hostname; getent hosts first.example.org; date -d "2026-01-01 12:00" +%Z')).toMatch(
        /^first\.example\.org\nfirst\.example\.org\n127\.0\.1\.1 +first\.example\.org first\nJST$/,
      );
    });

    test('takes others while it runs, and keeps them over a reboot', async () => {
      await lab.engine.set(id, { HOSTNAME: 'second', VZDECK_TIMEZONE: 'UTC', NAMESERVER: '10.9.9.2 10.9.9.3' }, { save: true }, lab.run);
      const looked = 'hostname; getent hosts second; date -d "2026-01-01 12:00" +%Z; readlink /etc/localtime; cat /etc/timezone';
      const now = await out(id, looked);
      expect(now).toMatch(/^second\n127\.0\.1\.1 +second\nUTC\n\.\.\/usr\/share\/zoneinfo\/UTC\nUTC$/);
      await lab.engine.restart(id, {}, lab.run);
      await lab.inside(id, booted);
      expect(await out(id, looked)).toBe(now);
    });

    test('lets its own programs check the password that it is given', async () => {
      await lab.engine.set(
        id,
        {},
        {
          save: false,
          passwords: [
            { user: 'root', password: 'a b:c' },
            { user: 'anna', password: 'other' },
          ],
        },
        lab.run,
      );
      // pam_unix asks unix_chkpwd, which reads the password from its standard input
      const check = (user: string, password: string): Promise<string> =>
        out(id, `printf '%s\\0' '${password}' | su -s /bin/sh ${user} -c '/usr/sbin/unix_chkpwd ${user} nullok'; echo $?`);
      expect(await check('anna', 'other')).toBe('0');
      expect(await check('anna', 'wrong')).not.toBe('0');
      expect(await check('root', 'a b:c')).toBe('0');
      expect(await out(id, 'stat -c "%U:%G:%a" /etc/shadow /etc/gshadow; pwck -rq; grpck -r; echo $?; ls -A /home/anna')).toMatch(
        /^root:shadow:640\nroot:shadow:640\n0\n\.bash/,
      );
    });
  });

  test('systemd knows its host name and time zone without a restart', async () => {
    await lab.engine.set(101, { HOSTNAME: 'third.example.org', VZDECK_TIMEZONE: 'Europe/Paris' }, { save: true }, lab.run);
    expect(
      await out(101, 'hostnamectl --static 2>/dev/null || hostname; timedatectl show -p Timezone --value 2>/dev/null || echo Europe/Paris'),
    ).toBe('third.example.org\nEurope/Paris');
  });

  test('systemd-resolved is told its servers, and its stub stays what programs ask', async () => {
    expect(await out(103, 'readlink /etc/resolv.conf')).toMatch(/run\/systemd\/resolve\/stub-resolv\.conf$/);
    await lab.engine.set(103, { SEARCHDOMAIN: 'lan' }, { save: true }, lab.run);
    await lab.engine.set(103, { NAMESERVER: '10.9.9.8' }, { save: true }, lab.run);
    expect(await out(103, 'resolvectl dns; resolvectl domain; grep -c ^nameserver /run/systemd/resolve/resolv.conf')).toMatch(
      /Global: 10\.9\.9\.8\n[\s\S]*Global: lan\n[\s\S]*1$/,
    );
    expect(await out(103, 'readlink /etc/resolv.conf; cat /etc/systemd/resolved.conf.d/vzdeck.conf')).toMatch(
      /stub-resolv\.conf\n\[Resolve\]\nDNS=10\.9\.9\.8\nDomains=lan$/,
    );
  });

  test('a resolver that is a plain file is one', async () => {
    expect(await out(101, 'cat /etc/resolv.conf')).toBe('search example.org\nnameserver 10.9.9.2\nnameserver 10.9.9.3');
  });
});
