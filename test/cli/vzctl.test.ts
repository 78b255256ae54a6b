// vzctl as a program: which check comes first, what goes to which channel, what a config looks like afterwards.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CT_CONF, openPrefix, type Prefix } from './run.ts';

// Programs are started one after the other; a machine under load takes its time.
vi.setConfig({ testTimeout: 120_000 });

let node: Prefix;
beforeEach(() => {
  node = openPrefix();
});
afterEach(() => node.remove());

const vzctl = (...args: string[]): { exit: number | null; out: string; err: string } => node.run('vzctl', ...args);
const refused = (exit: number, err: string): { exit: number; out: string; err: string } => ({ exit, out: '', err: `${err}\n` });
const CONF = 'etc/vz/conf/101.conf';
const SAVED = 'CT configuration saved to /etc/vz/conf/101.conf\n';

describe('the frame', () => {
  test.each<[string[], number, string]>([
    [['frobnicate', '101'], 20, 'Bad command: frobnicate'],
    [['-h'], 20, 'Bad command: -h'],
    [['status'], 21, 'CT ID missing'],
    [['status', 'nosuch'], 21, 'Bad CT ID nosuch'],
    [['status', '2147483645'], 21, 'Bad CT ID 2147483645'],
    [['start', '101', '--bogus'], 20, "vzctl: unrecognized option '--bogus'"],
    [['set', '101', '--bogus'], 21, "vzctl: unrecognized option '--bogus'"],
    [['stop', '101', 'a', 'b'], 20, 'Invalid extra arguments: a b '],
    [['destroy', '101', 'a', 'b'], 20, 'Invalid options: a b '],
    [['start', '0'], 21, 'Only set actions are allowed for CT0'],
    [['start', '999'], 14, 'Container config file does not exist'],
    [['start', '101', '--fast'], 20, 'Option --fast is not applicable to start command'],
    [['exec', '101'], 20, 'No command line given for exec'],
    [['exec', '101', '--'], 20, 'No command line given for exec'],
    [['exec', '101', 'ls'], 8, 'Container is not running'],
    [['exec2', '101', 'ls'], 31, 'Container is not running'],
    [['enter', '101', 'ls'], 20, "Invalid option 'ls'"],
    [['console', '101', 'x'], 21, 'Invalid tty number: x'],
    [['umount', '101'], 40, 'CT is not mounted'],
    [['chkpnt', '101'], 31, 'Unable to setup checkpointing: container is not running'],
    [['snapshot', '101'], 156, 'Snapshot feature is only available for ploop-based CTs'],
  ])('%j', (args, exit, err) => expect(vzctl(...args)).toEqual(refused(exit, err)));

  test('stop of a stopped container is a success with a line on stderr', () =>
    expect(vzctl('stop', '101')).toEqual({ exit: 0, out: '', err: 'Unable to stop: container is not running\n' }));

  test('what is wrong with the container is told before what is wrong with the node', () => {
    node.write('proc/self/mountinfo', '');
    expect(node.runByProc('vzctl', 'start', '101')).toMatchObject({ exit: 5, err: expect.stringContaining('No cgroup tree is mounted') });
    node.drop('vz/private/101');
    expect(node.runByProc('vzctl', 'start', '101')).toEqual(refused(43, 'Container private area /vz/private/101 does not exist'));
  });

  test('without vz.conf nothing but create begins', () => {
    node.drop('etc/vz/vz.conf');
    expect(vzctl('status', '101')).toEqual(refused(10, 'Unable to open /etc/vz/vz.conf: No such file or directory'));
  });

  test('--quiet takes away progress and refusals, but not what was asked for', () => {
    expect(vzctl('--quiet', 'set', '101', '--onboot', 'maybe')).toEqual({ exit: 21, out: '', err: '' });
    expect(vzctl('--quiet', 'status', '101')).toEqual({ exit: 0, out: 'CTID 101 exist unmounted down\n', err: '' });
  });

  test('--version and --help answer on stdout', () => {
    expect(vzctl('--version', 'status').out).toMatch(/^vzctl version \d+\.\d+\.\d+\n$/);
    expect(vzctl('--help')).toMatchObject({ exit: 0, err: '' });
    expect(vzctl()).toMatchObject({ exit: 20, out: '' });
  });
});

describe('status', () => {
  test('of a container that nobody ever made', () =>
    expect(vzctl('status', '777')).toEqual({
      exit: 0,
      out: 'CTID 777 deleted unmounted down\n',
      err: 'stat(/vz/root/777): No such file or directory\n',
    }));
  test('of one with a dump', () => {
    node.write('vz/dump/Dump.101', 'x');
    expect(vzctl('status', '101').out).toBe('CTID 101 exist unmounted down suspended\n');
  });
  test('by name', () => {
    node.link('etc/vz/names/web', '/etc/vz/conf/101.conf');
    expect(vzctl('status', 'web').out).toBe('CTID 101 exist unmounted down\n');
    node.write(CONF, `${CT_CONF}NAME="other"\n`);
    expect(vzctl('status', 'web')).toEqual(refused(21, 'Unable to find container by name web'));
  });
});

describe('set', () => {
  test('touches only the lines that change, and appends in the order of the table', () => {
    node.write(CONF, `${CT_CONF}FOO=bar # mine\n`);
    expect(vzctl('set', '101', '--hostname', 'h', '--numproc', '300:300', '--cpuunits', '500', '--save')).toEqual({
      exit: 0,
      out: SAVED,
      err: '',
    });
    expect(node.read(CONF)).toBe(`${CT_CONF.replace('"1000"', '"500"')}FOO=bar # mine\nNUMPROC="300"\nHOSTNAME="h"\n`);
  });
  test('bytes that are no UTF-8 survive', () => {
    node.write(CONF, CT_CONF);
    const { writeFileSync, readFileSync } = process.getBuiltinModule('node:fs');
    const file = `${node.root}/${CONF}`;
    writeFileSync(file, Buffer.concat([Buffer.from('# gr\xfc\xdfe\n', 'latin1'), Buffer.from(CT_CONF)]));
    vzctl('set', '101', '--hostname', 'grüße', '--save');
    const after = readFileSync(file);
    expect(after.subarray(0, 8)).toEqual(Buffer.from('# gr\xfc\xdfe\n', 'latin1'));
    expect(after.toString('utf8')).toContain('HOSTNAME="grüße"\n');
  });
  test('a config that is a link stays one', () => {
    node.write('etc/vz/conf/real', CT_CONF);
    node.link('etc/vz/conf/102.conf', 'real');
    expect(vzctl('set', '102', '--onboot', 'yes', '--save').exit).toBe(0);
    expect(node.read('etc/vz/conf/real')).toBe(`${CT_CONF}ONBOOT="yes"\n`);
    expect(process.getBuiltinModule('node:fs').lstatSync(`${node.root}/etc/vz/conf/102.conf`).isSymbolicLink()).toBe(true);
  });
  test('names are links, and belong to one container', () => {
    expect(vzctl('set', '101', '--name', 'web', '--save').out).toBe(`Name web assigned\n${SAVED}`);
    node.write('etc/vz/conf/102.conf', CT_CONF);
    expect(vzctl('set', '102', '--name', 'web', '--save')).toEqual(
      refused(
        131,
        'Conflict: name web already used by container 101\nError: failed to apply some parameters, not saving configuration file!',
      ),
    );
    expect(vzctl('set', 'web', '--name', '', '--save').out).toBe(`Name  assigned\n${SAVED}`);
    expect(vzctl('status', 'web').exit).toBe(21);
  });
  test('a name leads nowhere else', () => {
    node.link('etc/vz/names/../101.conf', 'conf/101.conf');
    expect(vzctl('status', '../101.conf').exit).toBe(21);
  });
  test('without --save a stopped container takes nothing', () =>
    expect(vzctl('set', '101', '--cpuunits', '500')).toEqual(refused(31, 'Unable to apply UBC parameters: container is not running')));
  test('a sample wins over the command line, but not over who the container is', () => {
    node.write('etc/vz/conf/ve-big.conf-sample', 'CPUUNITS="2000"\nHOSTNAME="sample"\nOSTEMPLATE="other"\n');
    vzctl('set', '101', '--applyconfig', 'big', '--cpuunits', '77', '--save');
    expect(node.read(CONF)).toBe(`${CT_CONF.replace('"1000"', '"2000"')}ORIGIN_SAMPLE="big"\n`);
  });
  test('a held lock is told with its holder; a stale one is removed', () => {
    node.write('vz/lock/101.lck', '1\nmigrating\n');
    expect(vzctl('set', '101', '--onboot', 'yes', '--save')).toMatchObject({
      exit: 9,
      out: '',
      err: expect.stringMatching(/^Locked by: pid 1, cmdline .*\nContainer already locked\n$/),
    });
    node.write('vz/lock/101.lck', '999999999\n');
    expect(vzctl('set', '101', '--onboot', 'yes', '--save').out).toBe(`Removing stale lock file /vz/lock/101.lck\n${SAVED}`);
    expect(node.read('vz/lock/101.lck')).toBeNull();
  });
});

describe('create', () => {
  test.each<[string[], number, string]>([
    [['--ostemplate', 'nosuch'], 91, 'Cached OS template /vz/template/cache/nosuch.tar[.gz|.bz2|.xz] not found'],
    [['--config', 'nosuch'], 82, 'Sample config /etc/vz/conf/ve-nosuch.conf-sample not found: No such file or directory'],
    [['--private', '/vz/private/101/..'], 44, 'Private area already exists in /vz/private/101/..'],
  ])('%j fails and leaves nothing', (args, exit, err) => {
    expect(vzctl('create', '102', ...args)).toEqual(refused(exit, `${err}\nCreation of container private area failed`));
    expect(node.read('etc/vz/conf/102.conf')).toBeNull();
  });
  test('a name that was given for a creation that failed is free again', () => {
    expect(vzctl('create', '102', '--name', 'web', '--ostemplate', 'nosuch').exit).toBe(91);
    expect(vzctl('status', 'web').exit).toBe(21);
  });
  test.each<[string[], string]>([
    [['--layout', 'bogus'], 'Bad parameter for --layout: bogus'],
    [['--diskspace', 'bad'], 'Bad parameter for --diskspace: bad'],
    [['--save'], "vzctl: unrecognized option '--save'"],
  ])('%j is refused', (args, err) => expect(vzctl('create', '102', ...args)).toEqual(refused(21, err)));
});

test('--dry-run tells the plan and changes nothing', () => {
  const { exit, out } = vzctl('set', '101', '--hostname', 'h', '--save', '--dry-run');
  expect(exit).toBe(0);
  expect(out).toMatch(/101\.conf/);
  expect(node.read(CONF)).toBe(CT_CONF);
});
