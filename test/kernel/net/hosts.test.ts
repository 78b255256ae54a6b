// Names of containers in the hosts file that the node's resolver may read: true at start, stop, change of addresses and names, after a kill in the
// middle, and as a real resolver answers by it.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { until } from '../until.ts';
import { inNetLab, type NetLab } from './net-lab.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const dirOf = (lab: NetLab): string => join(lab.root, 'run/vzdeck-hosts');
const linesOf = (lab: NetLab): readonly string[] =>
  existsSync(join(dirOf(lab), 'containers'))
    ? readFileSync(join(dirOf(lab), 'containers'), 'utf8')
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
    : [];

inNetLab('the hosts file of containers', (lab, done) => {
  const dir = (): string => dirOf(lab);
  const lines = (): readonly string[] => linesOf(lab);

  beforeAll(async () => {
    done('create', '101', '--ipadd', '192.0.2.101', '--ipadd', '2001:db8:1::101', '--hostname', 'Web.example.org');
    done('set', '101', '--name', 'web', '--save');
    done('create', '102', '--ipadd', '192.0.2.102');
  });

  test('has who runs, and may be read by all', () => {
    done('start', '101');
    done('start', '102');
    expect(lines()).toEqual(['192.0.2.101 web.example.org web ct101', '2001:db8:1::101 web.example.org web ct101', '192.0.2.102 ct102']);
    expect([statSync(dir()).mode & 0o777, statSync(join(dir(), 'containers')).mode & 0o777]).toEqual([0o755, 0o644]);
    expect(readdirSync(dir())).toEqual(['containers']);
  });

  test('follows addresses and names while it runs', () => {
    done('set', '102', '--ipadd', '192.0.2.112', '--ipdel', '192.0.2.102', '--save');
    done('set', '102', '--name', 'mail', '--save');
    expect(lines().slice(-1)).toEqual(['192.0.2.112 mail ct102']);
    done('set', '102', '--hostname', 'smtp.example.org', '--save');
    expect(lines().slice(-1)).toEqual(['192.0.2.112 smtp.example.org mail ct102']);
    const before = lines();
    expect(lab.vzctl('set', '102', '--ipadd', '192.0.2.101').status).toBe(78);
    expect(lines()).toEqual(before);
  });

  test('takes no name that is none', () => {
    const conf = join(lab.root, 'etc/vz/conf/102.conf');
    const own = readFileSync(conf, 'utf8');
    writeFileSync(conf, `${own.replace(/^HOSTNAME=.*\n/m, '').replace(/^NAME=.*\n/m, '')}HOSTNAME="localhost"\nNAME="a 192.0.2.1 bank"\n`);
    done('set', '102', '--ipadd', '192.0.2.113');
    expect(lines().slice(-2)).toEqual(['192.0.2.112 ct102', '192.0.2.113 ct102']);
    writeFileSync(conf, own);
  });

  test('loses who ends, also in the middle of a start', async () => {
    done('stop', '102', '--fast');
    expect(lines().join()).not.toContain('ct102');
    const starting = lab.vzctlBeside('start', '102');
    const ended = new Promise((resolve) => starting.once('exit', resolve));
    await until(() => lines().join().includes('ct102'));
    starting.kill('SIGKILL');
    await ended;
    lab.vzctl('stop', '102', '--fast');
    expect(lines().join()).not.toContain('ct102');
    done('stop', '101', '--fast');
    expect(lines()).toEqual([]);
    expect(readdirSync(dir())).toEqual([]);
  });
});

inNetLab(
  'a resolver that reads it',
  (lab, done) => {
    beforeAll(async () => {
      done('create', '101', '--ipadd', '192.0.2.101', '--hostname', 'web');
      done('create', '102', '--ipadd', '192.0.2.102');
      done('start', '102');
    });

    test('answers for who runs, without being told of changes', async () => {
      const pid = join(lab.root, 'dnsmasq.pid');
      // the directories of a test are root's alone
      const words = `--user=root --no-resolv --no-hosts --conf-file=/dev/null --pid-file=${pid} --listen-address=127.0.0.1 --bind-interfaces`;
      expect(lab.node(`dnsmasq ${words} --hostsdir=${dirOf(lab)}`)).toMatchObject({ status: 0 });
      try {
        const answer = (name: string): string =>
          lab.node(`busybox nslookup -type=a ${name} 127.0.0.1 2>/dev/null | grep ^Address | tail -n +2`).out;
        await until(() => answer('ct102').includes('192.0.2.102'));
        done('start', '101');
        await until(() => answer('web').includes('192.0.2.101'));
        done('set', '101', '--ipadd', '192.0.2.111', '--ipdel', '192.0.2.101');
        await until(() => answer('web').includes('192.0.2.111'));
      } finally {
        process.kill(Number(readFileSync(pid, 'utf8')));
      }
    });
  },
  'dnsmasq',
);
