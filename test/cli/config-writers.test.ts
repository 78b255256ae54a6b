// Fifty programs at once that each change something else of one container: what all of them wrote is there, and nothing else has changed.
import { spawn } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BEANCOUNTERS } from '../../src/engine/spec/ubc.ts';
import { MAIN, NODE, openPrefix, type Prefix } from './run.ts';

let node: Prefix;
beforeEach(() => {
  node = openPrefix();
});
afterEach(() => node.remove());

const CONF = 'etc/vz/conf/101.conf';
const FOREIGN = ['# Primary parameters', '#UUID: 2c5fbc4e', '#PROXMOX', "  # it's kept\t", 'FOO=bar # and this', 'BAZ="1"'];

/** Option, value, key, and how it stands in the file. */
const WRITES: readonly (readonly [option: string, value: string, key: string, written: string])[] = [
  ...BEANCOUNTERS.map(({ name }, n) => [name, String(1000 + n), name.toUpperCase(), String(1000 + n)] as const),
  ['onboot', 'yes', 'ONBOOT', 'yes'],
  ['bootorder', '7', 'BOOTORDER', '7'],
  ['hostname', 'h.example.org', 'HOSTNAME', 'h.example.org'],
  ['description', 'two words', 'DESCRIPTION', 'two words'],
  ['cpuunits', '1234', 'CPUUNITS', '1234'],
  ['cpulimit', '50', 'CPULIMIT', '50'],
  ['cpus', '1', 'CPUS', '1'],
  ['cpumask', '0', 'CPUMASK', '0'],
  ['ioprio', '3', 'IOPRIO', '3'],
  ['iolimit', '1M', 'IOLIMIT', '1048576'],
  ['iopslimit', '500', 'IOPSLIMIT', '500'],
  ['diskspace', '1G:2G', 'DISKSPACE', '1048576:2097152'],
  ['diskinodes', '100:200', 'DISKINODES', '100:200'],
  ['quotatime', '60', 'QUOTATIME', '60'],
  ['quotaugidlimit', '5', 'QUOTAUGIDLIMIT', '5'],
  ['netfilter', 'full', 'NETFILTER', 'full'],
  ['nameserver', '10.0.0.53', 'NAMESERVER', '10.0.0.53'],
  ['searchdomain', 'example.org', 'SEARCHDOMAIN', 'example.org'],
  ['stop-timeout', '9', 'STOP_TIMEOUT', '9'],
  ['disabled', 'no', 'DISABLED', 'no'],
  ['mount_opts', 'noatime', 'MOUNT_OPTS', 'noatime'],
  ['avnumproc', '20', 'AVNUMPROC', '20'],
  ['vm_overcommit', '1.5', 'VM_OVERCOMMIT', '1.5'],
];
/** All of them belong into one line. */
const ADDRESSES = Array.from({ length: 50 - WRITES.length }, (_, n) => `10.0.0.${n + 1}`);

function vzctl(...args: string[]): Promise<{ code: number | null; err: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', VZDECK_ROOT: node.root };
    const child = spawn(NODE, [MAIN, 'vzctl', ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let err = '';
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.on('close', (code) => resolve({ code, err }));
  });
}

test('fifty writers at once lose nothing', { timeout: 300_000 }, async () => {
  node.write(CONF, `${FOREIGN.join('\n')}\n${node.read(CONF)}`);
  const calls = [
    ...WRITES.map(([option, value]) => vzctl('set', '101', `--${option}`, value, '--save')),
    ...ADDRESSES.map((address) => vzctl('set', '101', '--ipadd', address, '--save')),
  ];
  expect(calls).toHaveLength(50);
  const ended = await Promise.all(calls);
  expect(ended.filter(({ code }) => code !== 0)).toEqual([]);
  const text = node.read(CONF) ?? '';
  for (const [, , key, written] of WRITES) expect(text).toMatch(new RegExp(`^${key}="${written.replace('.', '\\.')}"$`, 'm'));
  const stored = /^IP_ADDRESS="(.*)"$/m.exec(text)?.[1]?.split(' ') ?? [];
  expect([...stored].sort()).toEqual([...ADDRESSES].sort());
  expect(text.split('\n').slice(0, FOREIGN.length)).toEqual(FOREIGN);
  expect(text.split('\n').filter((line) => line === '')).toEqual(['']);
});
