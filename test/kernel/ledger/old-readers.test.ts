// Programs that know beancounters as files of an OpenVZ kernel only: the files while a sampler runs, and unmodified readers with them in place.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withOldFiles } from '../../../src/engine/ct/old-files.ts';
import { openLinuxHost } from '../../../src/engine/host/linux/host.ts';
import { parseUbcText } from '../../../src/engine/index.ts';
import { openLauncher } from '../../../src/engine/launcher/client.ts';
import { HOME, type Lab, openLab } from '../lab.ts';
import { LAUNCHER, requires } from '../requires.ts';
import { calm, stormOf } from '../storm.ts';

/** As monitoring scripts have read it for twenty years: id on the first row of each, fail count last. */
const READER = `
open my $f, '<', '/proc/user_beancounters' or die "cannot open: $!";
my $version = <$f>; <$f>;
die "bad version: $version" unless $version eq "Version: 2.5\\n";
my $id;
while (<$f>) {
  s/^\\s*(\\d+):\\s*// and $id = $1;
  my ($name, $held, $maxheld, $barrier, $limit, $failcnt) = split;
  print "$id $name $held $maxheld $limit $failcnt\\n" if $name eq 'numproc' or $name eq 'physpages';
}`;

requires(
  'root',
  'launcher',
  'busybox',
)('old readers', () => {
  let lab: Lab;
  let proc = '';
  const withProc = (...words: readonly string[]): ReturnType<typeof spawnSync> & { stdout: string } =>
    spawnSync(join(HOME, 'bin/vzdeck'), ['with-proc', ...words], { encoding: 'utf8', env: { ...process.env, VZDECK_ROOT: lab.root } });

  beforeAll(async () => {
    lab = openLab();
    proc = join(lab.root, 'run/vzdeck/proc');
    await lab.born(101, { NUMPROC: '77:77' });
    await lab.born(102, { IP_ADDRESS: '10.9.8.7' });
  });
  afterAll(() => lab.down());

  test('find what they read in its old places, with fail counts of all lives, on the whole node’s /proc', async () => {
    await lab.inside(101, stormOf(200));
    await calm(lab, 101);
    const { status, stdout, stderr } = withProc('perl', '-e', READER);
    expect([status, stderr]).toEqual([0, '']);
    const rows = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' '));
    expect(rows.map(([id, name]) => `${id} ${name}`)).toEqual(['101 numproc', '101 physpages', '102 numproc', '102 physpages']);
    expect(rows[0]?.slice(3)).toEqual([expect.stringMatching(/^7[78]$/), '77', '1']);
    expect(
      withProc('sh', '-c', 'cat /proc/self/comm /proc/sys/kernel/ostype; ls /proc/1/ns >/dev/null; test -r /proc/meminfo').stdout,
    ).toBe('cat\nLinux\n');
    expect(withProc('sh', '-c', 'exit 7').status).toBe(7);
    expect(withProc('no-such-program-here').status).toBe(127);
    // what bin/ asks of glibc is for node alone
    expect(withProc('env').stdout).not.toContain('GLIBC_TUNABLES');
    // nothing of it stays, and nobody else sees it
    expect([existsSync('/proc/user_beancounters'), existsSync('/proc/vz')]).toEqual([false, false]);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(join(lab.root, 'run/vzdeck/with-proc'));
  });

  test('go on with what they have when a look fails', async () => {
    let looks = 0;
    const failed = join(lab.root, 'failed');
    const launcher = openLauncher(LAUNCHER);
    const refresh = (): void => {
      if (++looks > 1) {
        writeFileSync(failed, '');
        throw new Error('gone while it was read');
      }
      // older than a second, so that the next look is due
      mkdirSync(proc, { recursive: true });
      writeFileSync(join(proc, 'user_beancounters'), 'Version: 2.5\n');
      utimesSync(join(proc, 'user_beancounters'), 1, 1);
    };
    try {
      const reader = {
        argv: ['sh', '-c', 'until [ -e "$0" ]; do sleep 0.05; done; grep -q 2.5 /proc/user_beancounters && exit 7', failed],
        env: process.env,
        cwd: '/',
      };
      expect(await withOldFiles(openLinuxHost(lab.root, launcher), lab.engine.node, refresh, reader)).toBe(7);
      expect(looks).toBeGreaterThan(1);
    } finally {
      launcher.close();
    }
  });

  test('vzubc in that place is our own with the same figures', () => {
    const vzubc = join(HOME, 'bin/vzubc');
    // of one look: each with-proc looks again
    const [bc, user] = withProc('sh', '-c', `${vzubc} -f /proc/bc/resources; echo and; ${vzubc} -f /proc/user_beancounters`)
      .stdout.split('and\n')
      .map((text) => text.split('\n').filter((line) => /^CT |numproc/.test(line.trim())));
    expect(bc).toEqual(user);
    expect(bc).toHaveLength(4);
  });

  test('have them as fresh as the last look while a sampler runs, for root alone, of what runs', async () => {
    const sampler = lab.engine.sampler();
    const begun = Date.now();
    await expect
      .poll(() => {
        sampler.tick();
        return statSync(join(proc, 'user_beancounters')).mtimeMs;
      })
      .toBeGreaterThanOrEqual(begun);
    const read = (name: string): string => readFileSync(join(proc, name), 'utf8');
    const accounts = (): readonly (number | null)[] => parseUbcText(read('user_beancounters')).accounts.map(({ id }) => id);
    expect(accounts()).toEqual([101, 102]);
    expect(read('vz/veip')).toBe('Version: 2.5\n                               10.9.8.7        102\n');
    expect(parseUbcText(read('bc/101/resources')).accounts[0]?.rows.find(({ name }) => name === 'numproc')).toMatchObject({ failcnt: 1n });
    for (const name of ['user_beancounters', 'bc/resources', 'bc/102/resources', 'vz/veinfo', 'vz/vestat'])
      expect(statSync(join(proc, name)).mode & 0o777).toBe(0o400);
    await lab.engine.stop(102, { fast: true });
    sampler.tick();
    expect([accounts(), readdirSync(join(proc, 'bc')).sort()]).toEqual([[101], ['101', 'resources']]);
    expect(
      read('vz/veinfo')
        .split('\n')
        .map((line) => line.trim().split(/ +/)[0]),
    ).toEqual(['101', '0', '']);
    sampler.close();
  });
});
