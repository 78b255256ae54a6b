// The daemons that people run, under both sets of capabilities: each answers as its users would ask it, or what it lacks is named.
import { copyFileSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';
import { provideStock, STOCK_TIMEOUT } from '../stock.ts';

vi.setConfig({ testTimeout: 240_000 });

/** Seconds for one daemon, of which a minute may be that of cron: one that is stuck leaves the others their turn. */
const LIMIT = 90 * Number(process.env['VZDECK_PATIENCE'] ?? 1);

/** What is said to a port, and what the other side says then. */
const talk = (port: number, said: string, wanted: string): string =>
  `until exec 3<>/dev/tcp/127.0.0.1/${port}; do sleep 0.3; done 2>/dev/null; printf '${said}' >&3; while read -t 30 -r line <&3; do case $line in ${wanted}) echo "$line"; break; esac; done; exec 3<&-`;

const DAEMONS: readonly { readonly name: string; readonly ask: string; readonly answer: RegExp }[] = [
  { name: 'bind9', ask: 'until rndc status 2>/dev/null; do sleep 0.3; done', answer: /server is up and running/ },
  { name: 'apache2', ask: talk(80, 'GET / HTTP/1.0\\r\\n\\r\\n', 'HTTP*'), answer: /HTTP\/1.1 200/ },
  { name: 'postfix', ask: talk(25, '', '220*'), answer: /^220 .*Postfix/m },
  { name: 'sshd', ask: talk(22, '', 'SSH-*'), answer: /SSH-2.0-OpenSSH/ },
  { name: 'cron', ask: 'until grep -s cron-was-here /run/cron; do sleep 0.5; done', answer: /cron-was-here/ },
  {
    name: 'dbus',
    ask: 'until dbus-send --system --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.ListNames 2>/dev/null; do sleep 0.3; done',
    answer: /org.freedesktop.DBus/,
  },
  { name: 'rsyslog', ask: 'logger -t lab a-line; until grep -s a-line /var/log/syslog; do sleep 0.3; done', answer: /lab: a-line/ },
];

requires(
  'root',
  'launcher',
  'daemons',
)('daemons under a set of capabilities', () => {
  let lab: Lab;
  const PROFILES = { openvz: 101, strict: 102 } as const;
  const said = new Map<number, string>();
  beforeAll(async () => {
    lab = openLab();
    lab.engine.bootstrap();
    await provideStock(lab.root, 'daemons');
    for (const [profile, id] of Object.entries(PROFILES)) {
      const values = { PHYSPAGES: '131072', VZDECK_CAPABILITIES: profile };
      await lab.engine.create(id, { ostemplate: 'daemons', layout: 'overlay', values }, lab.run);
      await lab.engine.start(id, {}, lab.run);
      await lab.inside(id, "echo '* * * * * root echo cron-was-here >/run/cron' >/etc/cron.d/lab");
    }
    for (const id of Object.values(PROFILES)) {
      const line = DAEMONS.map(({ name, ask }) => `echo "== ${name}"; timeout ${LIMIT} bash -c ${quoted(ask)} 2>&1`).join('; ');
      said.set(id, (await lab.inside(id, line)).out);
    }
  }, 2 * STOCK_TIMEOUT);
  afterAll(() => lab.down(), STOCK_TIMEOUT);

  const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  const answerOf = (id: number, name: string): string =>
    said
      .get(id)
      ?.split('== ')
      .find((part) => part.startsWith(`${name}\n`)) ?? '';

  test.each(DAEMONS)('$name answers under both', ({ name, answer }) => {
    for (const id of Object.values(PROFILES)) expect(answerOf(id, name), `${id}`).toMatch(answer);
  });

  test('and none of them has a right that was not given', async () => {
    const bound = async (id: number): Promise<readonly string[]> => {
      const lines = (await lab.inside(id, "cat /proc/[0-9]*/status 2>/dev/null | sed -n 's/^CapBnd:.//p' | sort -u")).out;
      return lines.trim().split('\n');
    };
    const [openvz, strict] = [await bound(PROFILES.openvz), await bound(PROFILES.strict)];
    expect([openvz.length, strict.length]).toEqual([1, 1]);
    const [more, less] = [BigInt(`0x${openvz[0]}`), BigInt(`0x${strict[0]}`)];
    expect(less & ~more).toBe(0n);
    expect((more & ~less) > 0n).toBe(true);
  });

  test('an init that needs what is missing is named at the start', async () => {
    await lab.engine.create(103, { ostemplate: 'busybox', layout: 'simfs', values: { VZDECK_CAPABILITIES: 'strict' } }, lab.run);
    const area = join(lab.root, 'var/lib/vz/private/103');
    lab.said();
    await lab.engine.start(103, {}, lab.run);
    expect(lab.said().join('\n')).not.toMatch(/sys_admin/);
    await lab.engine.stop(103, { fast: true });
    // any program of that name stands for it: what is looked at is what runs
    mkdirSync(join(area, 'lib/systemd'), { recursive: true });
    copyFileSync(join(area, 'bin/busybox'), join(area, 'lib/systemd/systemd'));
    rmSync(join(area, 'sbin/init'));
    symlinkSync('/lib/systemd/systemd', join(area, 'sbin/init'));
    await lab.engine.start(103, {}, lab.run);
    expect(lab.said().join('\n')).toMatch(/systemd inside needs the capability sys_admin/);
  });
});
