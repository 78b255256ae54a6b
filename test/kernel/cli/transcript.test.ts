// A day with vzctl as its users know it, on the real kernel: every line that is printed, and every exit status.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { programs, type Ran } from '../../cli/run.ts';
import { openLab } from '../lab.ts';
import { requires } from '../requires.ts';
import { calm, stormOf } from '../storm.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const suite = requires('root', 'launcher');

suite('vzctl on an empty node', () => {
  let root: string;
  let run: (program: string, args: readonly string[], input?: string) => Ran;
  const vzctl = (...args: string[]): Ran => run('vzctl', args);
  const says = (out: string, err = '', exit = 0): Ran => ({ exit, out, err });

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'vzdeck-transcript-'));
    run = programs(root);
  });
  afterAll(() => {
    run('vzdeck', ['stop', '--all', '--fast']);
    run('vzdeck', ['destroy', '--all']);
    run('vzdeck', ['leave']);
    rmSync(root, { recursive: true, force: true });
  });

  test('two commands end in a running container', () => {
    expect(vzctl('create', '101')).toEqual(
      says(
        'Creating container private area (busybox)\nCT configuration saved to /etc/vz/conf/101.conf\nContainer private area was created\n',
      ),
    );
    expect(vzctl('start', '101')).toEqual(
      says('Starting container...\nContainer is mounted\nSetting CPU units: 1000\nContainer start in progress...\n'),
    );
    expect(vzctl('status', '101')).toEqual(says('CTID 101 exist mounted running\n'));
    expect(run('vzlist', ['-H', '-o', 'ctid,status,layout,ostemplate'])).toEqual(says('       101 running   simfs  busybox\n'));
  });

  test('what is running is not started, created or destroyed', () => {
    expect(vzctl('start', '101')).toEqual(says('', 'Container is already running\n', 32));
    expect(vzctl('destroy', '101')).toEqual(says('Container is currently running. Stop it first.\n', '', 32));
    expect(vzctl('mount', '101')).toEqual(says('', 'Container is already mounted\n'));
    expect(vzctl('umount', '101')).toEqual(says('', 'Container is running -- stop it first\n', 32));
    expect(vzctl('create', '101').exit).toBe(44);
  });

  describe('exec', () => {
    test.each<[string[], Ran]>([
      [['exec', '101', 'false'], says('', '', 8)],
      [['exec', '101', 'true'], says('')],
      [['exec2', '101', '--', 'echo', 'a'], says('a\n')],
      [['exec2', '101', 'exit 7'], says('', '', 7)],
      [['exec2', '101', 'echo a; echo b >&2'], says('a\n', 'b\n')],
      [['exec2', '101', 'echo', '$HOME', '', 'x'], says('/  x\n')],
      [['exec3', '101', 'echo', '$HOME'], says('$HOME\n')],
      [
        ['exec2', '101', 'pwd; env | sort'],
        says('/\nHOME=/\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nPWD=/\nSHLVL=1\nTERM=linux\n'),
      ],
      [['exec3', '101', 'nothere'], says('', 'nothere: not found inside\n', 4)],
      [['exec3', '101', '/nothere'], says('', '/nothere: not found inside\n', 4)],
      [['exec2', '101', 'kill -9 $$'], says('', 'Got signal 9\n', 3)],
    ])('%j', (args, result) => expect(vzctl(...args)).toEqual(result));
    test('commands may come on stdin', () =>
      expect(run('vzctl', ['exec', '101', '-'], 'echo one\nexit 3\n')).toEqual(says('one\n', '', 8)));
  });

  test('limits act at once and are kept', async () => {
    expect(vzctl('set', '101', '--numproc', '60', '--cpulimit', '50', '--save')).toEqual(
      says('UB limits were set successfully\nSetting CPU limit: 50\nCT configuration saved to /etc/vz/conf/101.conf\n'),
    );
    expect(run('vzlist', ['-H', '-o', 'numproc.l,cpulimit']).out).toBe('        60      50\n');
    // The shell is one more process than what it starts, so 80 sleeps cannot all be there.
    expect(vzctl('exec', '101', stormOf(80)).exit).toBeGreaterThan(0);
    const lab = openLab(root);
    await calm(lab, 101);
    lab.engine.close();
    expect(Number(run('vzlist', ['-H', '-o', 'numproc.f']).out)).toBeGreaterThan(0);
  });

  test('a host name changes inside at once', () => {
    expect(vzctl('set', '101', '--hostname', 'web.example', '--save').exit).toBe(0);
    expect(vzctl('exec', '101', 'hostname')).toEqual(says('web.example\n'));
  });

  test('a value that is not saved is told to be lost', () =>
    expect(vzctl('set', '101', '--cpuunits', '500').out).toBe(
      'UB limits were set successfully\nSetting CPU units: 500\nWARNING: Settings were not saved to config and will be lost after CT restart (use --save flag)\n',
    ));

  test('names are as good as ids', () => {
    expect(vzctl('set', '101', '--name', 'web', '--save').out).toBe(
      'Name web assigned\nUB limits were set successfully\nCT configuration saved to /etc/vz/conf/101.conf\n',
    );
    expect(vzctl('exec', 'web', 'true').exit).toBe(0);
  });

  test('restart is stop and start', () =>
    expect(vzctl('restart', 'web', '--fast')).toEqual(
      says(
        [
          'Restarting container',
          'Killing container ...',
          'Container was stopped',
          'Container is unmounted',
          'Starting container...',
          'Container is mounted',
          'Setting CPU limit: 50',
          'Setting CPU units: 1000',
          'Container start in progress...',
          '',
        ].join('\n'),
      ),
    ));

  test('the end', () => {
    expect(vzctl('stop', '101')).toEqual(says('Stopping container ...\nContainer was stopped\nContainer is unmounted\n'));
    expect(vzctl('stop', '101')).toEqual(says('', 'Unable to stop: container is not running\n'));
    expect(vzctl('mount', '101')).toEqual(says('Container is mounted\n'));
    expect(vzctl('status', '101')).toEqual(says('CTID 101 exist mounted down\n'));
    expect(vzctl('destroy', '101')).toEqual(says('Container is currently mounted (umount first)\n', '', 41));
    expect(vzctl('umount', '101')).toEqual(says('Container is unmounted\n'));
    expect(vzctl('destroy', '101')).toEqual(
      says('Destroying container private area: /vz/private/101\nContainer private area was destroyed\n'),
    );
    expect(vzctl('status', 'web').exit).toBe(21);
    expect(vzctl('start', '101')).toEqual(says('', 'Container config file does not exist\n', 14));
  });

  test('overlay containers share their template and are made of nothing', () => {
    expect(vzctl('create', '110', '--layout', 'overlay').exit).toBe(0);
    expect(vzctl('start', '110').exit).toBe(0);
    expect(vzctl('exec', '110', 'echo mine > /etc/own; cat /etc/own').out).toBe('mine\n');
    expect(vzctl('stop', '110', '--fast').exit).toBe(0);
    expect(vzctl('destroy', '110').exit).toBe(0);
  });

  test('vzdeck does the same to many at once, and tells programs in JSON', () => {
    const made = run('vzdeck', ['create', '201-204', '--ram', '64M', '--numproc', '99', '--start', '--json']);
    expect(JSON.parse(made.out)).toMatchObject([201, 202, 203, 204].map((id) => ({ id, verb: 'create', exit: 0 })));
    expect(run('vzlist', ['-H', '-o', 'numproc.l,physpages.l', '204']).out).toBe('        99      16384\n');
    const listed = JSON.parse(run('vzdeck', ['list', '--json']).out);
    expect(listed).toMatchObject([201, 202, 203, 204].map((id) => ({ id, state: 'running' })));
    expect(JSON.parse(run('vzdeck', ['start', '201', '--json']).out)).toMatchObject([{ id: 201, exit: 32, error: { code: 'running' } }]);
    expect(run('vzdeck', ['stop', '20?', '--fast']).exit).toBe(0);
    expect(run('vzdeck', ['destroy', '201-204']).exit).toBe(0);
    expect(JSON.parse(run('vzdeck', ['list', '--json']).out)).toEqual([]);
  });
});
